import { setTimeout as sleep } from 'node:timers/promises';
import { cursorOf, SELECT_NOW } from '../support/cursors.js';
import { postRaw, subscribeRaw } from '../support/graphql.js';
import { OPERATOR, type World, ZONE } from './world.js';

type Saga = { readonly id: string };
type Created = { readonly createDeployment: { readonly deployment: Saga; readonly saga: Saga } };
type Found = {
  readonly deployments: { readonly nodes: readonly { readonly id: string; readonly provisioningSaga: Saga }[] };
};

const CREATE = `mutation Create($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id } saga { id } }
}`;
const FIND = `query Find($slug: String!) {
  deployments(filter: { tenantId: "acme", slug: $slug }) { nodes { id provisioningSaga { id } } }
}`;
const WATCH = `subscription Watch($id: ID!, $after: Cursor) {
  sagaProgress(sagaId: $id, after: $after) { cursor sagaId sequence type }
}`;
const WATCH_ALL = `subscription WatchAll($after: Cursor) {
  sagaEvents(after: $after) { cursor sagaId sequence type }
}`;
const LAST_TYPES = ['COMPLETED', 'ROLLED_BACK', 'FAILED'];
const RETRY_MS = 50;

export interface Seen {
  readonly cursor: string;
  readonly sagaId: string;
  readonly sequence: number;
  readonly type: string;
}

export interface Provisioned {
  readonly slug: string;
  readonly deploymentId: string;
  readonly sagaId: string;
  readonly hasDns: boolean;
  /** Of its own stream. */
  readonly seen: readonly Seen[];
}

export interface ProvisionedSet {
  readonly all: readonly Provisioned[];
  /** Of the stream of all sagas, over the same time. */
  readonly seenOfAll: readonly Seen[];
}

interface Wanted {
  /** Of the set's slugs. */
  readonly prefix: string;
  readonly count: number;
  /** Whether the APIs may fail as well, as where the database goes away. Then a client asks again, as a browser does. */
  readonly mayFail?: boolean;
}

/** Asks for so many deployments, every second one with a name, and watches each to its end. */
export async function provisionMany(world: World, { prefix, count, mayFail = false }: Wanted): Promise<ProvisionedSet> {
  const [{ position }] = await world.sql(SELECT_NOW);
  const now = cursorOf(position);
  const ended: Promise<unknown>[] = [];
  const watching = <Result>(result: Promise<Result>): Promise<Result> => {
    result.catch(() => undefined); // told once all were asked for
    ended.push(result);
    return result;
  };
  const seenOfAll = watching(watchAll(world, now, count, mayFail));
  const all: Promise<Provisioned>[] = [];
  for (let index = 0; index < count; index++) {
    const made = await create(world, `${prefix}-${index}`, index % 2 === 0, mayFail);
    all.push(
      watching(
        watch(world, made.sagaId, { changesSides: index % 3 === 0, mayFail }).then((seen) => ({ ...made, seen })),
      ),
    );
  }
  return { all: await Promise.all(all), seenOfAll: await seenOfAll };
}

/** By its slug a deployment is made once, however often it is asked for. */
async function create(
  { apis }: World,
  slug: string,
  hasDns: boolean,
  mayFail: boolean,
): Promise<Omit<Provisioned, 'seen'>> {
  const provision = {
    sizeSlug: 's-1vcpu-1gb',
    image: 'ubuntu-24-04-x64',
    region: 'syd1',
    ...(hasDns ? { dns: { domain: ZONE, name: slug } } : {}),
  };
  const input = { tenantId: 'acme', slug, displayName: slug, provision };
  for (let hasAsked = false; ; hasAsked = true) {
    const { body } = await postRaw(apis[0].url, CREATE, { input }, OPERATOR);
    if (!body.errors) {
      const { deployment, saga } = (body.data as Created).createDeployment;
      return { slug, hasDns, deploymentId: deployment.id, sagaId: saga.id };
    }
    const wasMade = hasAsked && body.errors[0]?.extensions['code'] === 'CONFLICT';
    if (wasMade) {
      const found = (await postRaw(apis[0].url, FIND, { slug }, OPERATOR)).body;
      const [deployment] = (found.data as Found | null | undefined)?.deployments.nodes ?? [];
      if (deployment) return { slug, hasDns, deploymentId: deployment.id, sagaId: deployment.provisioningSaga.id };
    } else if (!mayFail || !isTrouble(body)) throw new Error(JSON.stringify(body.errors));
    await sleep(RETRY_MS);
  }
}

/** From the API that starts no saga; one that changes sides goes back and forth between both by its cursor. */
async function watch(
  { apis }: World,
  id: string,
  { changesSides, mayFail }: { readonly changesSides: boolean; readonly mayFail: boolean },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let side = 1; ; side++) {
    const after = seen.at(-1)?.cursor;
    const { url } = apis[changesSides ? ((side % 2) as 0 | 1) : 1];
    const hasEnded = await read(subscribeRaw<Seen>(url, OPERATOR, WATCH, { id, after }), seen, mayFail, (taken) =>
      changesSides ? taken < 4 : true,
    );
    if (hasEnded) return seen;
  }
}

/** Everything that happens from `after` on, until so many sagas have ended. */
async function watchAll({ apis }: World, after: string, count: number, mayFail: boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  const ended = () => seen.filter(({ type }) => LAST_TYPES.includes(type)).length;
  while (ended() < count) {
    const from = seen.at(-1)?.cursor ?? after;
    const stream = subscribeRaw<Seen>(apis[1].url, OPERATOR, WATCH_ALL, { after: from });
    await read(stream, seen, mayFail, () => ended() < count);
  }
  return seen;
}

/** Reads into `seen` for as long as `goesOn`, or until the stream fails where it may. Answers whether it is at its end. */
async function read(
  stream: ReturnType<typeof subscribeRaw<Seen>>,
  seen: Seen[],
  mayFail: boolean,
  goesOn: (taken: number) => boolean,
): Promise<boolean> {
  try {
    for (let taken = 0; goesOn(taken); taken++) {
      const { value, done } = await stream.next();
      if (done) return true;
      seen.push(value);
    }
  } catch (error) {
    if (!mayFail || !isTrouble(error)) throw error;
    await sleep(RETRY_MS);
  } finally {
    await stream.close();
  }
  return false;
}

/** Refused as a whole, or an event that failed: either way a server's own trouble. */
function isTrouble(error: unknown): boolean {
  const errors: { extensions?: { code?: string } }[] = Array.isArray(error)
    ? error
    : ((error as { errors?: [] }).errors ?? []);
  return errors.some((each) => each.extensions?.code === 'INTERNAL_SERVER_ERROR');
}
