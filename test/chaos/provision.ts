import { setTimeout as sleep } from 'node:timers/promises';
import { subscribe } from '../support/graphql.js';
import { OPERATOR, type World } from './world.js';

const CREATE = `mutation Create($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id } saga { id } }
}`;
const WATCH = `subscription Watch($id: ID!, $after: Cursor) {
  sagaProgress(sagaId: $id, after: $after) { cursor sequence type }
}`;
const ZONE = 'sky-ai.com';

export interface Provisioned {
  readonly slug: string;
  readonly deploymentId: string;
  readonly sagaId: string;
  readonly hasDns: boolean;
}

interface Seen {
  readonly cursor: string;
  readonly sequence: number;
  readonly type: string;
}

/** Asks for so many deployments, every second one with a name, and watches each to its end. */
export async function provisionMany(
  world: World,
  prefix: string,
  count: number,
): Promise<{ readonly all: readonly Provisioned[]; readonly ended: Promise<readonly (readonly Seen[])[]> }> {
  const all: Provisioned[] = [];
  for (let index = 0; index < count; index++) {
    const slug = `${prefix}-${index}`;
    const hasDns = index % 2 === 0;
    const provision = {
      sizeSlug: 's-1vcpu-1gb',
      image: 'ubuntu-24-04-x64',
      region: 'syd1',
      ...(hasDns ? { dns: { domain: ZONE, name: slug } } : {}),
    };
    const input = { tenantId: 'acme', slug, displayName: slug, provision };
    const { createDeployment } = await world.data(CREATE, { input });
    all.push({ slug, hasDns, deploymentId: createDeployment.deployment.id, sagaId: createDeployment.saga.id });
  }
  return { all, ended: Promise.all(all.map(({ sagaId }, index) => watch(world, sagaId, index % 3 === 0))) };
}

/**
 * From the API that starts no saga; one that changes sides goes back and forth between both by its cursor. A stream that
 * is refused while the database is away is asked for again, as a browser does.
 */
async function watch({ apis }: World, sagaId: string, changesSides: boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (let side = 1; ; side++) {
    const after = seen.at(-1)?.cursor;
    const stream = subscribe<Seen>(apis[changesSides ? ((side % 2) as 0 | 1) : 1].url, OPERATOR, WATCH, {
      id: sagaId,
      after,
    });
    try {
      for (let taken = 0; !changesSides || taken < 4; taken++) {
        const { value, done } = await stream.next();
        if (done) return seen;
        seen.push(value);
      }
    } catch (error) {
      if (!isTrouble(error)) throw error;
      await sleep(50);
    } finally {
      await stream.close();
    }
  }
}

/** Refused as a whole, or an event that failed: either way a server's own trouble. */
function isTrouble(error: unknown): boolean {
  const errors: { extensions?: { code?: string } }[] = Array.isArray(error)
    ? error
    : ((error as { errors?: [] }).errors ?? []);
  return errors.some((each) => each.extensions?.code === 'INTERNAL_SERVER_ERROR');
}

/** What is wrong with what there is now; nothing, where each deployment is as an undisturbed saga leaves it. */
export async function violations(
  world: World,
  all: readonly Provisioned[],
  watched: readonly (readonly Seen[])[],
): Promise<string[]> {
  const [droplets, { records }] = await Promise.all([
    world.tellSandbox('GET', 'state/droplets'),
    world.tellSandbox('GET', `state/domains/${ZONE}`),
  ]);
  const wrong: string[] = [];
  for (const [index, { slug, sagaId, deploymentId, hasDns }] of all.entries()) {
    const say = (what: string) => wrong.push(`${slug} (saga ${sagaId}): ${what}`);
    const [saga] = await world.sql('select status, error, context, last_sequence from saga_runs where id = $1', [
      sagaId,
    ]);
    if (saga.status !== 'completed') say(`is ${saga.status}: ${saga.error}`);

    const tag = `arcadia-saga-${sagaId.slice(0, 8)}`;
    const own = Object.values<any>(droplets).filter((droplet) => droplet.tags.includes(tag));
    if (own.length !== 1) say(`has ${own.length} droplets`);

    const found = await world.sql(
      `select state, (select array_agg(provider_id) from cloud_resources where deployment_id = deployments.id
         and kind = 'droplet' and deleted_at is null) as droplets from deployments where id = $1`,
      [deploymentId],
    );
    if (found[0]?.state !== 'active') say(`its deployment is ${found[0]?.state}`);
    const linked = String(found[0]?.droplets);
    if (linked !== String(own[0]?.id)) say(`its deployment has the droplets ${linked}, not ${own[0]?.id}`);

    const named = records.filter((record: any) => record.name === slug);
    const wanted = hasDns ? [saga.context.ipv4] : [];
    if (String(named.map(({ data }: any) => data)) !== String(wanted)) say(`its records are ${JSON.stringify(named)}`);

    const sequences = watched[index]?.map(({ sequence }) => sequence) ?? [];
    const whole = Array.from({ length: saga.last_sequence }, (_, place) => place + 1);
    if (String(sequences) !== String(whole)) say(`its watcher saw ${sequences} of 1 to ${saga.last_sequence}`);

    const doubled = await world.sql(
      `select step_name, count(*) from saga_events where saga_id = $1 and type = 'step_completed'
       group by step_name having count(*) <> 1`,
      [sagaId],
    );
    if (doubled.length > 0) say(`completed more than once: ${JSON.stringify(doubled)}`);
  }
  return wrong;
}
