import { setTimeout as sleep } from 'node:timers/promises';
import type { LaunchedProgram } from '../support/program.js';
import { notedWay } from './noted-way.js';
import { type ProvisionedSet, provisionMany } from './provision.js';
import { violations } from './violations.js';
import { LEASE_MS, type World } from './world.js';

export interface Outcome {
  /** What was done, in words. */
  readonly done: string;
  readonly sagas: number;
  /** That subscribers got. */
  readonly events: number;
  readonly violations: readonly string[];
}

/** The longest that a set of deployments may take, whatever is done to them. */
const PATIENCE_MS = 240_000;
/** A worker that is killed lives so long beyond its start at most. */
const LIFE_MS = 2_000;

/** A third of all requests refused, and of the others that change something a quarter acted upon without an answer. */
const PROVIDER_TROUBLE = [
  { method: '*', path: '/v2/*', probability: 1 / 6, status: 429, retryAfter: 1 },
  { method: '*', path: '/v2/*', probability: 1 / 5, status: 503 },
  { method: 'POST', path: '/v2/*', probability: 1 / 4, dropAfterActing: true },
];

async function within<Result>(world: World, what: Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: stop.signal }).then(async () => {
    const left = await world.sql(
      `select id, status, current_step_index, error, lease_owner, lease_until, next_attempt_at, clock_timestamp() as now
       from saga_runs where finished_at is null`,
    );
    throw new Error(`not ended after ${PATIENCE_MS} ms: ${JSON.stringify(left)}`);
  });
  try {
    return await Promise.race([what, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}

interface Disturbed {
  readonly sets: readonly ProvisionedSet[];
  readonly violations: readonly string[];
}

/**
 * Provisions sets of deployments, one after the other, for as long as `disturb` has not done all that it is to do. It is
 * asked for one thing after the other while a set is under way, and answers false where that was the last.
 */
async function whileProvisioning(
  world: World,
  set: { readonly prefix: string; readonly count: number; readonly mayFail?: boolean },
  disturb: (isOver: () => boolean) => Promise<boolean>,
): Promise<Disturbed> {
  const sets: ProvisionedSet[] = [];
  const wrong: string[] = [];
  let isDone = false;
  while (!isDone) {
    let isOver = false;
    const provisioned = provisionMany(world, { ...set, prefix: `${set.prefix}-${sets.length}` }).finally(() => {
      isOver = true;
    });
    provisioned.catch(() => undefined); // told once it is waited for
    while (!isDone && !isOver) isDone = !(await disturb(() => isOver));
    const made = await within(world, provisioned);
    sets.push(made);
    wrong.push(...(await violations(world, made)));
  }
  return { sets, violations: wrong };
}

function outcome(world: World, done: string, { sets, violations: wrong }: Disturbed): Outcome {
  const all = sets.flatMap((set) => set.all);
  const events = [...all.map(({ seen }) => seen.length), ...sets.map(({ seenOfAll }) => seenOfAll.length)];
  return {
    done,
    sagas: all.length,
    events: events.reduce((sum, count) => sum + count, 0),
    violations: [...wrong, ...world.badEnds()],
  };
}

async function countHeld(world: World): Promise<number> {
  const [{ held }] = await world.sql(
    `select count(*)::int as held from saga_runs
     where finished_at is null and lease_owner is not null and lease_until > clock_timestamp()`,
  );
  return held;
}

/** Kills the only worker at random instants, while it starts too, and starts it again at once. */
export async function killWorkers(
  world: World,
  { kills, deployments }: { readonly kills: number; readonly deployments: number },
): Promise<Outcome> {
  const startedMs = performance.now();
  let worker: LaunchedProgram = await world.launchWorker().ready;
  const maxMs = performance.now() - startedMs + LIFE_MS;
  let [killed, cutShort] = [0, 0];
  const disturbed = await whileProvisioning(world, { prefix: 'kill', count: deployments }, async (isOver) => {
    await sleep(world.random() * maxMs);
    if (isOver()) return true;
    await worker.end('SIGKILL');
    killed += 1;
    worker = world.launchWorker();
    if ((await countHeld(world)) > 0) cutShort += 1;
    return killed < kills;
  });
  await worker.end('SIGTERM');
  return outcome(world, `${killed} kills, ${cutShort} of them in the middle of sagas`, disturbed);
}

/** Cuts every connection to the database at random instants, or does what else takes it away for a moment. */
export async function cutDatabase(
  world: World,
  {
    cuts,
    deployments,
    cut = terminateBackends,
  }: { readonly cuts: number; readonly deployments: number; readonly cut?: (world: World) => Promise<void> },
): Promise<Outcome> {
  const worker = await world.launchWorker().ready;
  let made = 0;
  const set = { prefix: 'cut', count: deployments, mayFail: true };
  const disturbed = await whileProvisioning(world, set, async (isOver) => {
    await sleep(200 + world.random() * 1_000);
    if (isOver()) return true;
    await cut(world);
    made += 1;
    return made < cuts;
  });
  await worker.end('SIGTERM');
  return outcome(world, `${made} times`, disturbed);
}

async function terminateBackends(world: World): Promise<void> {
  await world.sql(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
}

/** Stops a worker that holds sagas for longer than its lease; when it goes on, another has finished everything. */
export async function stopWorker(
  world: World,
  { rounds = 1, deployments }: { readonly rounds?: number; readonly deployments: number },
): Promise<Outcome> {
  let held = 0;
  const wrong: string[] = [];
  const sets: ProvisionedSet[] = [];
  for (let round = 0; round < rounds; round++) {
    const stopped = await stopOnce(world, `stop-${round}`, deployments);
    held += stopped.held;
    wrong.push(...stopped.violations);
    sets.push(stopped.set);
  }
  return outcome(world, `${rounds} stops, in them ${held} sagas were held`, { sets, violations: wrong });
}

async function stopOnce(world: World, prefix: string, deployments: number) {
  const token = 'of-the-stopped-worker';
  const way = await notedWay(world.sandbox, token);
  const stopped = await world.launchWorker({ sandboxUrl: way.url, provisioningToken: token }).ready;
  let told = '';
  stopped.process.stdout?.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  let isOver = false;
  const provisioned = provisionMany(world, { prefix, count: deployments }).finally(() => {
    isOver = true;
  });
  provisioned.catch(() => undefined); // told once it is waited for
  const holding = await stopWhileHolding(world, stopped, () => isOver);
  const other = await world.launchWorker().ready;
  const set = await within(world, provisioned);
  const wrong = await violations(world, set);

  const [before, asked] = [await print(world), way.asked().length];
  stopped.process.kill('SIGCONT');
  // It says of each saga that it held that it has lost it.
  const isSaid = (id: string) =>
    told.split('\n').some((line) => line.includes(id) && /another runner|stood still|queued again/.test(line));
  const saidAll = async () => {
    while (!holding.every(isSaid) && stopped.process.exitCode === null) await sleep(20);
  };
  await within(world, saidAll());
  if ((await print(world)) !== before) wrong.push('the stopped worker wrote to a saga when it went on');
  for (const request of way.asked().slice(asked)) wrong.push(`the stopped worker sent ${request} when it went on`);
  await Promise.all([stopped.end('SIGTERM'), other.end('SIGTERM')]);
  await way.close();
  return { set, held: holding.length, violations: wrong };
}

/** Stops the worker at a random instant at which it holds at least one saga. Answers which. */
async function stopWhileHolding(
  world: World,
  worker: LaunchedProgram,
  isOver: () => boolean,
): Promise<readonly string[]> {
  while (!isOver()) {
    await sleep(world.random() * 500);
    worker.process.kill('SIGSTOP');
    const held = await world.sql<{ id: string }>(
      'select id from saga_runs where lease_owner is not null and finished_at is null',
    );
    if (held.length > 0) return held.map(({ id }) => id);
    worker.process.kill('SIGCONT');
  }
  throw new Error('everything was done before the worker could be stopped in the middle');
}

/** Everything that a runner may write, as text. */
async function print(world: World): Promise<string> {
  const rows = await world.sql(
    `select (select json_agg(run order by number) from saga_runs run) as runs,
       (select json_agg(step order by saga_id, index) from saga_step_results step) as ledger,
       (select json_agg(event order by saga_id, sequence) from saga_events event) as events,
       (select json_agg(deployment order by id) from deployments deployment) as deployments,
       (select json_agg(event order by deployment_id, id) from deployment_events event) as moves,
       (select json_agg(spec order by resource_id) from cloud_provisioned spec) as specs`,
  );
  return JSON.stringify(rows);
}

/** DigitalOcean answers 429 and 503 a third of the time, and keeps some answers to itself. */
export async function troubleProvider(
  world: World,
  { deployments }: { readonly deployments: number },
): Promise<Outcome> {
  await world.troubleProvider(PROVIDER_TROUBLE);
  const worker = await world.launchWorker().ready;
  const set = { prefix: 'trouble', count: deployments };
  const disturbed = await whileProvisioning(world, set, async () => false);
  await world.troubleProvider([]);
  await worker.end('SIGTERM');
  const done = `${world.answered(429)} answers of 429, ${world.answered(503)} of 503, others lost`;
  return outcome(world, done, disturbed);
}

/** All of that at once, to two workers: one of them is killed, or stands still for a while, or the database is away. */
export async function everythingAtOnce(
  world: World,
  { blows, deployments }: { readonly blows: number; readonly deployments: number },
): Promise<Outcome> {
  await world.troubleProvider(PROVIDER_TROUBLE);
  const workers: LaunchedProgram[] = await Promise.all([world.launchWorker().ready, world.launchWorker().ready]);
  const counts = { kill: 0, stop: 0, cut: 0 };
  const standing = new Set<Promise<void>>();
  const blow = async () => {
    const place = world.random() < 0.5 ? 0 : 1;
    const worker = workers[place] as LaunchedProgram;
    const which = world.random();
    if (which < 0.5) {
      counts.kill += 1;
      await worker.end('SIGKILL');
      workers[place] = world.launchWorker();
    } else if (which < 0.8) {
      counts.stop += 1;
      worker.process.kill('SIGSTOP');
      // Around the length of a lease; it may be killed meanwhile.
      const goesOn = sleep(world.random() * 2 * LEASE_MS).then(() => {
        worker.process.kill('SIGCONT');
        standing.delete(goesOn);
      });
      standing.add(goesOn);
    } else {
      counts.cut += 1;
      await terminateBackends(world);
    }
  };
  const set = { prefix: 'all', count: deployments, mayFail: true };
  let blowsLeft = blows;
  const disturbed = await whileProvisioning(world, set, async (isOver) => {
    await sleep(world.random() * 2_000);
    if (isOver()) return true;
    await blow();
    blowsLeft -= 1;
    return blowsLeft > 0;
  });
  await Promise.all(standing);
  await world.troubleProvider([]);
  await Promise.all(workers.map((worker) => worker.end('SIGTERM')));
  return outcome(world, `${counts.kill} kills, ${counts.stop} stops, ${counts.cut} cuts, provider trouble`, disturbed);
}
