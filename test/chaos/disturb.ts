import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../support/program.js';
import { provisionMany, violations } from './provision.js';
import { notedWay, type World } from './world.js';

export interface Outcome {
  readonly title: string;
  /** What was done, in words. */
  readonly done: string;
  readonly violations: readonly string[];
}

/** The longest that a set of deployments may take, whatever is done to them. */
const PATIENCE_MS = 240_000;

async function within<T>(world: World, what: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(PATIENCE_MS, null, { signal: stop.signal }).then(async () => {
    const left = await world.sql(
      `select id, status, error, lease_owner, next_attempt_at from saga_runs where finished_at is null`,
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

/** Kills the only worker at random instants, so often, while sets of so many deployments are provisioned. */
export async function killWorkers(
  world: World,
  { kills, deployments }: { kills: number; deployments: number },
): Promise<Outcome> {
  const wrong: string[] = [];
  let killed = 0;
  let sets = 0;
  let worker = await world.startWorker();
  while (killed < kills) {
    const { all, ended } = await provisionMany(world, `kill-${sets++}`, deployments);
    let isOver = false;
    const over = ended.finally(() => {
      isOver = true;
    });
    over.catch(() => undefined); // told once it is waited for
    while (killed < kills && !isOver) {
      await sleep(world.random() * 1_500);
      if (isOver) break;
      await worker.end('SIGKILL');
      killed += 1;
      worker = await world.startWorker();
    }
    wrong.push(...(await violations(world, all, await within(world, over))));
  }
  await worker.end('SIGTERM');
  return { title: 'kill -9', done: `${killed} kills, ${sets} x ${deployments} deployments`, violations: wrong };
}

/** Cuts every connection to the database at random instants, or does what else takes it away for a moment. */
export async function cutDatabase(
  world: World,
  { cuts, deployments, cut }: { cuts: number; deployments: number; cut?: () => Promise<void> },
): Promise<Outcome> {
  const terminate = async () => {
    await world.sql(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    );
  };
  const worker = await world.startWorker();
  const gone = once(worker.process, 'exit').then(() => {
    throw new Error(`the worker ended: ${worker.output().slice(-3_000)}`);
  });
  gone.catch(() => undefined);
  const { all, ended } = await provisionMany(world, 'cut', deployments);
  let isOver = false;
  const over = ended.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined); // told once it is waited for
  let made = 0;
  while (made < cuts && !isOver) {
    await sleep(200 + world.random() * 1_000);
    await (cut ?? terminate)();
    made += 1;
  }
  const wrong = await violations(world, all, await within(world, Promise.race([over, gone])));
  for (const [name, program] of [
    ['API', world.apis[0]],
    ['API', world.apis[1]],
    ['worker', worker],
  ] as const) {
    const { exitCode } = program.process;
    if (exitCode !== null) wrong.push(`the ${name} ended with ${exitCode}: ${program.output().slice(-3_000)}`);
  }
  await worker.end('SIGTERM');
  const title = cut ? 'Postgres restarted' : 'connections terminated';
  return { title, done: `${made} times, ${deployments} deployments`, violations: wrong };
}

/** Stops a worker in the middle for longer than its lease; when it goes on, another has finished everything. */
export async function stopWorker(world: World, { deployments }: { deployments: number }): Promise<Outcome> {
  const token = 'of-the-stopped-worker';
  const way = await notedWay(world.sandbox, token);
  const stopped = await world.startWorker({ sandboxUrl: way.url, provisioningToken: token });
  let told = '';
  stopped.process.stdout?.on('data', (chunk: Buffer) => {
    told += chunk;
  });
  const { all, ended } = await provisionMany(world, 'stop', deployments);
  const held = () =>
    world.sql<{ id: string }>(`select id from saga_runs where lease_owner is not null and finished_at is null`);
  // At an instant at which it holds at least one.
  let holding: { id: string }[] = [];
  while (holding.length === 0) {
    await sleep(world.random() * 100);
    stopped.process.kill('SIGSTOP');
    holding = await held();
    if (holding.length === 0) stopped.process.kill('SIGCONT');
  }
  const other = await world.startWorker();
  const watched = await within(world, ended);
  const wrong = await violations(world, all, watched);

  const print = async () =>
    JSON.stringify(await world.sql('select id, epoch, status, last_sequence, context from saga_runs order by number'));
  const [before, asked] = [await print(), way.asked().length];
  stopped.process.kill('SIGCONT');
  // It says of each saga that it held that it has lost it.
  await within(
    world,
    (async () => {
      const isSaid = ({ id }: { id: string }) =>
        told.split('\n').some((line) => line.includes(id) && /another runner|stood still|taken up again/.test(line));
      while (!holding.every(isSaid)) {
        if (stopped.process.exitCode !== null) throw new Error(`the stopped worker ended: ${told.slice(-2_000)}`);
        await sleep(20);
      }
    })(),
  );
  if ((await print()) !== before) wrong.push('the stopped worker wrote to a saga when it went on');
  for (const request of way.asked().slice(asked)) wrong.push(`the stopped worker sent ${request} when it went on`);
  await Promise.all([stopped, other].map((program: Program) => program.end('SIGTERM')));
  await way.close();
  return { title: 'SIGSTOP past the lease', done: `held ${holding.length} of ${deployments} sagas`, violations: wrong };
}

/** DigitalOcean answers 429 and 503 a third of the time, and keeps some answers to itself. */
export async function troubleProvider(world: World, { deployments }: { deployments: number }): Promise<Outcome> {
  await world.tellSandbox('POST', 'faults', {
    method: '*',
    path: '/v2/*',
    probability: 1 / 6,
    status: 429,
    retryAfter: 1,
  });
  await world.tellSandbox('POST', 'faults', { method: '*', path: '/v2/*', probability: 1 / 5, status: 503 });
  await world.tellSandbox('POST', 'faults', {
    method: 'POST',
    path: '/v2/*',
    probability: 1 / 4,
    dropAfterActing: true,
  });
  const worker = await world.startWorker();
  const { all, ended } = await provisionMany(world, 'trouble', deployments);
  const watched = await within(world, ended);
  await world.tellSandbox('DELETE', 'faults');
  const wrong = await violations(world, all, watched);
  await worker.end('SIGTERM');
  return { title: '429, 503 and lost answers', done: `${deployments} deployments`, violations: wrong };
}
