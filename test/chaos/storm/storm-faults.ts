import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '../../support/fault-proxy.js';
import { onClient } from '../../support/own-postgres.js';
import { LEASE_MS, type Place, type StormWorld } from './storm-world.js';

/** Does harm, waits as long as it lasts, and heals it: work can go on once this resolves. */
export type Fault = (world: StormWorld) => Promise<void>;

const between = ({ random }: StormWorld, least: number, most: number): number => least + random() * (most - least);
const oneOf = <Item>({ random }: StormWorld, items: readonly Item[]): Item =>
  items[Math.floor(random() * items.length)] as Item;
const anyProcess = (world: StormWorld): Place => oneOf(world, [...world.apis, ...world.workers]);

/** What may happen to the connections to one server. */
function connectionFaults(name: keyof StormWorld['proxies']): Record<string, Fault> {
  const fault =
    (harm: (proxy: FaultProxy, world: StormWorld) => unknown, lasts: readonly [number, number] = [0, 0]): Fault =>
    async (world) => {
      const proxy = world.proxies[name] as FaultProxy;
      await harm(proxy, world);
      await sleep(between(world, ...lasts));
      await proxy.heal();
    };
  return {
    [`${name} reset`]: fault((proxy) => proxy.reset()),
    [`${name} closed`]: fault((proxy) => proxy.close()),
    [`${name} half-closed`]: fault((proxy, world) => proxy.halfClose(oneOf(world, ['client', 'server'] as const))),
    [`${name} links in a black hole`]: fault((proxy) => proxy.blackHole()),
    [`${name} vanished`]: fault((proxy) => proxy.vanish(), [500, 6_000]),
    [`${name} frozen`]: fault((proxy) => proxy.freeze(), [200, 4_000]),
    [`${name} slow`]: fault((proxy) => proxy.delay(150), [500, 3_000]),
    [`${name} refused`]: fault(
      async (proxy) => {
        await proxy.accept('refuse');
        proxy.reset();
      },
      [200, 4_000],
    ),
    [`${name} ends each new connection`]: fault(
      async (proxy) => {
        await proxy.accept('close');
        proxy.close();
      },
      [500, 2_500],
    ),
  };
}

const terminateInBursts: Fault = async (world) => {
  const until = performance.now() + between(world, 300, 2_500);
  await onClient(world.postgres.url, async (client) => {
    while (performance.now() < until) {
      await client.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null',
      );
      await sleep(20);
    }
  });
};

const stop =
  (choose: (world: StormWorld) => Place): Fault =>
  async (world) => {
    const { process } = choose(world).program;
    process.kill('SIGSTOP');
    // From half a lease to ten, short ones more often.
    await sleep(LEASE_MS * 0.5 * 20 ** (world.random() ** 2));
    process.kill('SIGCONT');
  };

const troubleProvider: Fault = async (world) => {
  for (const fault of [
    { method: '*', path: '/v2/*', probability: 1 / 6, status: 429, retryAfter: 1 },
    { method: '*', path: '/v2/*', probability: 1 / 5, status: 503 },
    { method: 'POST', path: '/v2/*', probability: 1 / 4, dropAfterActing: true },
  ])
    await world.tellSandbox('POST', 'faults', fault);
  await sleep(between(world, 1_000, 4_000));
  await world.tellSandbox('DELETE', 'faults');
};

/** Every fault that can be made here, by name. `diskDirectory`: a small file system that holds Postgres's data. */
export function faultsFor(world: StormWorld, diskDirectory: string | null): Readonly<Record<string, Fault>> {
  const { redis } = world;
  return {
    ...connectionFaults('postgres'),
    ...connectionFaults('provider'),
    ...(redis ? connectionFaults('redis') : {}),
    'postgres connections terminated in bursts': terminateInBursts,
    'postgres crashes, ids used again': async ({ postgres }) => {
      await postgres.burnTransactionIds(500);
      await postgres.crash();
    },
    'a postgres backend is killed': async ({ postgres }) => {
      await postgres.burnTransactionIds(500);
      await postgres.crashBackend();
    },
    'postgres restarts': ({ postgres }) => postgres.restart(),
    'provider in trouble': troubleProvider,
    'worker killed': (each) => oneOf(each, each.workers).replace(),
    'api killed': (each) => oneOf(each, each.apis).replace(),
    'worker stopped': stop((each) => oneOf(each, each.workers)),
    'api stopped': stop((each) => oneOf(each, each.apis)),
    'clock skewed': (each) => anyProcess(each).replace(Math.round(between(each, -120_000, 120_000))),
    ...(redis
      ? {
          'redis flushed': () => redis.flushAll(),
          'redis restarts empty': () => redis.restart(),
        }
      : {}),
    ...(diskDirectory ? { 'disk full': fillDisk(diskDirectory) } : {}),
  };
}

function fillDisk(directory: string): Fault {
  return async (world) => {
    const filler = join(directory, 'filler');
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
    } catch {
      // dd ends with an error once nothing is left: that is what it is for.
    }
    await writeFile(join(directory, 'filler-rest'), Buffer.alloc(1)).catch(() => undefined);
    await sleep(between(world, 1_000, 5_000));
    await Promise.all([filler, `${filler}-rest`].map((path) => rm(path, { force: true })));
    // Postgres ends where it cannot write its log; its supervisor starts it again.
    await onClient(world.postgres.url, (client) =>
      client.query('create table disk_test (); drop table disk_test'),
    ).catch(() => world.postgres.restart());
  };
}

/** A file system of its own for Postgres's data, or why there is none. */
export function mountSmallDisk(directory: string, megabytes: number): { unmount(): void } | string {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', directory], { stdio: 'pipe' });
  } catch (error) {
    return `a full disk is not tested: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
  return { unmount: () => void execFileSync('umount', ['-l', directory]) };
}
