import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { type OwnPostgres, startOwnPostgres } from '../../support/own-postgres.js';
import { type LaunchedProgram, launchProgram } from '../../support/program.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { randomOf } from '../world.js';

const LEASE_SECONDS = 2;
export const LEASE_MS = LEASE_SECONDS * 1_000;
const WORKERS = 3;
const APIS = 2;

export interface StormOptions {
  readonly onRedis: boolean;
  /** Decides the faults, their order and how long each lasts. */
  readonly seed: number;
  /** Where Postgres keeps its data; left out: a temporary directory. */
  readonly postgresDirectory?: string;
}

/** One process that is started again, on the same port, however it ends. */
export interface Place {
  readonly name: string;
  program: LaunchedProgram;
  /** Kills what runs there and starts it anew, with a wall clock that is wrong by so much. */
  replace(clockSkewMs?: number): Promise<void>;
}

/** Two APIs and three workers that reach Postgres, Redis and the provider only through proxies. */
export interface StormWorld {
  readonly apis: readonly Place[];
  /** `http://127.0.0.1:…`, whatever runs there now. */
  readonly urls: readonly string[];
  readonly workers: readonly Place[];
  readonly postgres: OwnPostgres;
  readonly redis: TestRedis | null;
  readonly sandbox: Sandbox;
  readonly proxies: { readonly postgres: FaultProxy; readonly redis: FaultProxy | null; readonly provider: FaultProxy };
  readonly random: () => number;
  tellSandbox(method: string, path: string, body?: unknown): Promise<any>;
  /** What ended by itself, and starts it again. */
  reviveEnded(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startStormWorld({ onRedis, seed, postgresDirectory }: StormOptions): Promise<StormWorld> {
  const postgres = await startOwnPostgres(postgresDirectory ? { directory: postgresDirectory } : {});
  const redis = onRedis ? await startRedis() : null;
  const sandbox = await startSandbox({
    timeScale: 0.02,
    random: randomOf(~seed),
    rateLimit: { perHour: 10_000_000, perMinute: 10_000_000 },
  });
  const proxies = {
    postgres: await startFaultProxy(postgres.url),
    redis: redis && (await startFaultProxy(redis.url)),
    provider: await startFaultProxy(sandbox.url),
  };
  const environment = {
    DATABASE_URL: proxies.postgres.url,
    DATABASE_SILENCE_MS: '2000',
    DATABASE_CONNECT_TIMEOUT_MS: '2000',
    DO_API_URL: proxies.provider.url.replace(/\/$/, ''),
    DO_POLL_INTERVAL_MS: '100',
    SAGA_LEASE_SECONDS: String(LEASE_SECONDS),
    SOCKETS_PER_TENANT: '100000',
    LOG_LEVEL: 'warn',
    ...(proxies.redis ? { REDIS_URL: proxies.redis.url, REDIS_TIMEOUT_MS: '2000' } : {}),
  };
  const ends: string[] = [];
  const launch = async (name: string, own: Record<string, string>): Promise<Place> => {
    const command = name.startsWith('api') ? 'api' : 'worker';
    const start = (clockSkewMs: number) => {
      const skew = {
        CLOCK_SKEW_MS: String(clockSkewMs),
        NODE_OPTIONS: '--import ./test/support/skewed-clock.js',
      };
      const program = launchProgram(command, {
        ...environment,
        ...own,
        LOG_LEVEL: 'info',
        ...(clockSkewMs ? skew : {}),
      });
      program.ready.catch(() => undefined); // one that ends while it starts shows by its bad end
      return program;
    };
    const place: Place = {
      name,
      program: start(0),
      async replace(clockSkewMs = 0) {
        const end = place.program.badEnd();
        if (end !== null) ends.push(`${name}: ${end}`);
        place.program.process.kill('SIGCONT');
        await place.program.end('SIGKILL');
        place.program = start(clockSkewMs);
      },
    };
    return place;
  };
  const ports = await Promise.all(Array.from({ length: APIS }, freePort));
  const apis = await Promise.all(ports.map((port, place) => launch(`api-${place}`, { PORT: String(port) })));
  const workers = await Promise.all(Array.from({ length: WORKERS }, (_, place) => launch(`worker-${place}`, {})));
  const all = [...apis, ...workers];
  await Promise.all(all.map(({ program }) => (program as ReturnType<typeof launchProgram>).ready));
  return {
    apis,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    workers,
    postgres,
    redis,
    sandbox,
    proxies,
    random: randomOf(seed),
    async tellSandbox(method, path, body) {
      const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`sandbox ${method} ${path}: ${answer.status}`);
      return answer.status === 204 ? null : answer.json();
    },
    async reviveEnded() {
      for (const place of all) if (place.program.badEnd() !== null) await place.replace();
      return ends.splice(0);
    },
    async close() {
      for (const { program } of all) program.process.kill('SIGCONT');
      await Promise.all(all.map(({ program }) => program.end('SIGKILL')));
      await Promise.all(Object.values(proxies).map((proxy) => proxy?.stop()));
      await sandbox.close();
      await redis?.stop();
      await postgres.stop();
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
