import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { subscribeRaw } from '../../support/graphql.js';
import { OPERATOR, ZONE } from '../world.js';
import type { StormWorld } from './storm-world.js';

const CREATE = `mutation($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id } saga { id } }
}`;
const FIND = `query($slug: String!) {
  deployments(filter: { tenantId: "acme", slug: $slug }) { nodes { id provisioningSaga { id } } }
}`;
const PROGRESS =
  'subscription($id: ID!, $after: Cursor) { sagaProgress(sagaId: $id, after: $after) { cursor sagaId sequence type } }';
const ALL = 'subscription($after: Cursor) { sagaEvents(after: $after) { cursor sagaId sequence type } }';
const ANSWER_MS = 15_000;
const RETRY_MS = 100;

export interface Note {
  readonly cursor: string;
  readonly sagaId: string;
  readonly sequence: number;
  readonly type: string;
}

export interface AskedFor {
  readonly slug: string;
  readonly hasName: boolean;
  readonly sagaId: string;
  /** Of the subscriber of this saga alone, whose stream ends by itself. */
  readonly notes: Note[];
  hasEnded: boolean;
}

/** What one client wants of the service, and what its subscribers wrote down. */
export interface Load {
  readonly all: readonly AskedFor[];
  /** Of two subscribers to every saga, one an API; each resumes by its cursor whenever it is cut off. */
  readonly notesOfAll: readonly Note[][];
  /** Asks until it is answered, however often that fails. */
  create(slug: string): Promise<AskedFor>;
  /** Resolves once a step of that saga is noted as completed by a subscriber to every saga. */
  untilStepped(asked: AskedFor): Promise<void>;
  stop(): void;
}

export function startLoad(world: StormWorld): Load {
  const all: AskedFor[] = [];
  const stopping = new AbortController();
  setMaxListeners(0, stopping.signal); // one a subscriber
  const stepped = new Set<string>();
  const waiting = new Map<string, () => void>();
  const hear = ({ sagaId, type }: Note) => {
    if (type !== 'STEP_COMPLETED') return;
    stepped.add(sagaId);
    waiting.get(sagaId)?.();
  };
  const notesOfAll = world.urls.map((_, place) => {
    const notes: Note[] = [];
    void followAll(world, place, notes, hear, stopping.signal);
    return notes;
  });
  let created = 0;
  return {
    all,
    notesOfAll,
    async create(slug) {
      const place = created++;
      const asked: AskedFor = {
        slug,
        hasName: place % 2 === 0,
        sagaId: await createUntilAnswered(world, slug, place, stopping.signal),
        notes: [],
        hasEnded: false,
      };
      all.push(asked);
      void followOne(world, asked, place, stopping.signal);
      return asked;
    },
    async untilStepped({ sagaId }) {
      if (!stepped.has(sagaId)) await new Promise<void>((resolve) => waiting.set(sagaId, resolve));
    },
    stop: () => stopping.abort(),
  };
}

async function ask(url: string, query: string, variables: object): Promise<any> {
  const answer = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR}` },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  return answer.json();
}

/** Answers `data`; asks again, the other API in turn, until there is an answer without errors. */
export async function askUntilAnswered(
  world: StormWorld,
  query: string,
  variables: object,
  signal: AbortSignal,
): Promise<any> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    const body = await ask(world.urls[attempt % world.urls.length] as string, query, variables).catch(() => null);
    if (body?.data && !body.errors) return body.data;
    await sleep(RETRY_MS);
  }
  throw new Error('nobody answered');
}

/** A deployment is made once by its slug, so that a client which got no answer asks again and then looks for it. */
async function createUntilAnswered(
  world: StormWorld,
  slug: string,
  place: number,
  signal: AbortSignal,
): Promise<string> {
  const dns = place % 2 === 0 ? { dns: { domain: ZONE, name: slug } } : {};
  const provision = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1', ...dns };
  const input = { tenantId: 'acme', slug, displayName: slug, provision };
  for (let attempt = 0; !signal.aborted; attempt++) {
    const url = world.urls[(place + attempt) % world.urls.length] as string;
    const body = await ask(url, CREATE, { input }).catch(() => null);
    if (body?.data?.createDeployment) return body.data.createDeployment.saga.id;
    const code = body?.errors?.[0]?.extensions?.code;
    if (code === 'CONFLICT') {
      const { deployments } = await askUntilAnswered(world, FIND, { slug }, signal);
      if (deployments.nodes[0]) return deployments.nodes[0].provisioningSaga.id;
    } else if (code === 'BAD_USER_INPUT' || code === 'FORBIDDEN') {
      throw new Error(`${slug} was rejected: ${JSON.stringify(body.errors)}`);
    }
    await sleep(RETRY_MS);
  }
  throw new Error(`${slug} was not answered`);
}

async function followAll(
  world: StormWorld,
  place: number,
  notes: Note[],
  hear: (note: Note) => void,
  signal: AbortSignal,
): Promise<void> {
  const beginning = Buffer.from('0.0.0').toString('base64url');
  while (!signal.aborted) {
    const stream = subscribeRaw<Note>(world.urls[place] as string, OPERATOR, ALL, {
      after: notes.at(-1)?.cursor ?? beginning,
    });
    await readInto(stream, notes, hear, signal);
  }
}

async function followOne(world: StormWorld, asked: AskedFor, place: number, signal: AbortSignal): Promise<void> {
  for (let attempt = place; !signal.aborted && !asked.hasEnded; attempt++) {
    const url = world.urls[attempt % world.urls.length] as string;
    const variables = { id: asked.sagaId, after: asked.notes.at(-1)?.cursor };
    asked.hasEnded = await readInto(
      subscribeRaw<Note>(url, OPERATOR, PROGRESS, variables),
      asked.notes,
      () => {},
      signal,
    );
  }
}

/** Until the stream ends, which it answers, or fails. */
async function readInto(
  stream: ReturnType<typeof subscribeRaw<Note>>,
  notes: Note[],
  hear: (note: Note) => void,
  signal: AbortSignal,
): Promise<boolean> {
  const close = () => void stream.close().catch(() => undefined);
  signal.addEventListener('abort', close, { once: true });
  try {
    for (;;) {
      const { value, done } = await stream.next();
      if (done) return !signal.aborted;
      notes.push(value);
      hear(value);
    }
  } catch {
    // Cut off, or the API cannot read just now: it subscribes again by its cursor.
    await sleep(RETRY_MS);
    return false;
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}
