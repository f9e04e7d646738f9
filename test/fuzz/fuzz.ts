import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { BAD_VALUES } from './bad-values.js';
import type { FuzzWorld, Role } from './fuzz-world.js';
import { ROLES } from './fuzz-world.js';
import { randomOf, shuffled } from './random.js';
import { type Target, targetsOf } from './targets.js';
import { WHOLE_REQUESTS } from './whole-requests.js';

export interface FuzzReport {
  readonly requests: number;
  readonly targets: number;
  /** Answers by error code; `none` are those without errors. */
  readonly codes: Readonly<Record<string, number>>;
  /** What must not be: at most some of each target. */
  readonly findings: readonly string[];
  readonly findingCount: number;
}

export interface FuzzOptions {
  readonly requests: number;
  readonly seed: number;
  readonly onProgress?: (done: number) => void;
}

/** What shows the inside to a caller: SQL, stacks, paths, names of our libraries. */
const INSIDE =
  /\b(select|insert into|update|delete from)\b[^"]{0,80}\b(from|where|values|set)\b|\bat .+\.[jt]s:\d+|node_modules|\/src\/|QueryFailedError|violates|invalid input syntax|out of range for type|byte sequence|syntax error at or near|ECONN|TypeError|RangeError|Cannot read|is not a function|is not iterable/;

const AT_ONCE = 6;
const MAX_FINDINGS = 40;

interface Answer {
  readonly status: number | null;
  readonly errors: readonly { readonly message?: unknown; readonly extensions?: { readonly code?: unknown } }[];
}

type Transport = 'http' | 'socket';
interface Case {
  readonly target: Target;
  readonly document: string;
  readonly value: unknown;
  readonly role: Role;
  readonly transport: Transport;
}

/**
 * Sends bad values to every input of the schema as every role, over HTTP, where a document that comes again is compiled,
 * and over the socket, where it is interpreted. Which ones, and in which order, follows from the seed.
 */
export async function fuzz({ app, sampleOf }: FuzzWorld, options: FuzzOptions): Promise<FuzzReport> {
  const { body } = await app.raw(getIntrospectionQuery());
  const targets = targetsOf(buildClientSchema(body.data as IntrospectionQuery), sampleOf);
  const codes: Record<string, number> = {};
  const findings: string[] = [];
  let findingCount = 0;
  let done = 0;
  const sockets = new Map<Role, Client>();

  const kinds = new Set<string>();
  const note = (place: string, what: string, answer: Answer) => {
    done += 1;
    if (done % 1_000 === 0) options.onProgress?.(done);
    if (answer.errors.length === 0) codes['none'] = (codes['none'] ?? 0) + 1;
    for (const code of new Set(answer.errors.map(({ extensions }) => String(extensions?.code)))) {
      codes[code] = (codes[code] ?? 0) + 1;
    }
    const wrong = problemOf(answer);
    if (wrong === null) return;
    findingCount += 1;
    // One of each kind at each place shows more than forty of the same.
    const kind = `${place} ${wrong.slice(0, 30)}`;
    if (findings.length < MAX_FINDINGS && !kinds.has(kind)) findings.push(`${what}: ${wrong}`);
    kinds.add(kind);
  };

  const whole = WHOLE_REQUESTS.flatMap((body) => (Object.keys(ROLES) as Role[]).map((role) => ({ body, role })));
  const cases = casesOf(targets, options);
  const queue: (() => Promise<void>)[] = [
    ...whole.map(({ body, role }) => async () => {
      note(clipped(body), `${role} body ${clipped(body)}`, await answerOf(await post(app.url, body, ROLES[role])));
    }),
    ...cases.map((each) => async () => {
      const variables = withValue(each.target, each.value);
      const payload = { query: each.document, variables };
      const token = ROLES[each.role];
      const answer =
        each.transport === 'http'
          ? await answerOf(await post(app.url, payload, token))
          : await overSocket(socketOf(sockets, app.url, each.role), payload, each.target.operation === 'subscription');
      note(each.target.name, `${each.role} ${each.transport} ${each.target.name} = ${clipped(each.value)}`, answer);
    }),
  ].slice(0, Math.max(options.requests, whole.length));

  try {
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        await next().catch((error) => {
          findingCount += 1;
          findings.push(`no answer: ${error instanceof Error ? error.message : JSON.stringify(error)}`);
        });
      }
    });
    await Promise.all(workers);
    const health = await fetch(`${app.url}/api/health`);
    if (health.status !== 200) findings.push(`health answers ${health.status} afterwards`);
  } finally {
    for (const socket of sockets.values()) await socket.dispose();
  }
  return { requests: done, targets: targets.length, codes, findings, findingCount };
}

/** As many as there are requests, of a shuffled grid: target, value, role, transport, kind of document. */
function casesOf(targets: readonly Target[], { requests, seed }: FuzzOptions): Case[] {
  const random = randomOf(seed);
  const cases: Case[] = [];
  while (cases.length < requests) {
    // Round by round each target has its turn, so that a short run touches all of them.
    for (const target of shuffled(random, targets)) {
      const isLive = target.operation === 'subscription';
      cases.push({
        target,
        document: random() < 0.2 ? target.lenientDocument : target.document,
        value: BAD_VALUES[Math.floor(random() * BAD_VALUES.length)],
        role: (Object.keys(ROLES) as Role[])[Math.floor(random() * Object.keys(ROLES).length)] as Role,
        transport: isLive || random() < 0.35 ? 'socket' : 'http',
      });
    }
  }
  return cases.slice(0, requests);
}

function withValue({ variables, path }: Target, value: unknown): Record<string, unknown> {
  type Container = Record<string | number, unknown>;
  const copy = structuredClone(variables) as Container;
  const last = path.at(-1) as string | number;
  const parent = path.slice(0, -1).reduce((at, key) => at[key] as Container, copy);
  parent[last] = value;
  return copy;
}

function problemOf({ status, errors }: Answer): string | null {
  if (status !== null && status >= 500) return `HTTP ${status}`;
  for (const { message, extensions } of errors) {
    const code = extensions?.code;
    if (typeof code !== 'string') return `an error without a code: ${clipped(message)}`;
    if (code === 'INTERNAL_SERVER_ERROR') return `INTERNAL_SERVER_ERROR: ${clipped(message)}`;
    if (INSIDE.test(String(message))) return `text of the inside: ${clipped(message)}`;
  }
  return null;
}

function clipped(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 160 ? `${text.slice(0, 160)}… (${text.length})` : text;
}

function post(url: string, body: unknown, token: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
}

async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  try {
    const answers = [JSON.parse(text)].flat();
    return { status: response.status, errors: answers.flatMap((answer) => answer?.errors ?? []) };
  } catch {
    return { status: response.status, errors: [{ message: `not JSON: ${text.slice(0, 200)}` }] };
  }
}

function socketOf(sockets: Map<Role, Client>, url: string, role: Role): Client {
  const known = sockets.get(role);
  if (known) return known;
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${ROLES[role]}` },
    lazy: true,
    lazyCloseTimeout: 60_000,
    retryAttempts: 0,
  });
  sockets.set(role, socket);
  return socket;
}

/** One operation on a socket. A stream is left once the server has answered two queries that were sent after it. */
async function overSocket(
  socket: Client,
  payload: { readonly query: string; readonly variables: Record<string, unknown> },
  isLive: boolean,
): Promise<Answer> {
  const errors: Answer['errors'][number][] = [];
  let stop = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    stop = socket.subscribe(payload, {
      next: (result) => errors.push(...((result.errors ?? []) as Answer['errors'])),
      error: (failure) => {
        if (!Array.isArray(failure)) return reject(new Error(`the socket closed: ${describe(failure)}`));
        errors.push(...(failure as Answer['errors']));
        resolve();
      },
      complete: () => resolve(),
    });
  });
  if (isLive) {
    const probe = () => overSocket(socket, { query: '{ viewer { subject } }', variables: {} }, false);
    await Promise.race([ended, probe().then(probe)]);
    stop();
  }
  await ended;
  return { status: null, errors };
}

function describe(failure: unknown): string {
  const { code, reason } = failure as { code?: unknown; reason?: unknown };
  return code === undefined ? String(failure) : `${String(code)} ${String(reason)}`;
}
