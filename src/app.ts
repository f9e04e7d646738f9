import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import type { Config } from './config.js';
import type { App } from './context.js';
import { createDataSource } from './database/data-source.js';
import { createReads } from './database/reads.js';
import { createDigitalOcean } from './integrations/digitalocean/client.js';
import { createFinance } from './integrations/finance/client.js';
import { createSpaces, type SpacesOptions } from './integrations/spaces/client.js';
import { jobHandlers } from './jobs/handlers.js';
import { QueueSystem } from './jobs/queues.js';
import { CONCURRENCY, SCHEDULE } from './jobs/schedule.js';
import { startSweep } from './jobs/sweep.js';
import { startHealthServer } from './server/health-server.js';
import { createMetrics, watchQueues } from './server/metrics.js';
import { type RunningServer, startServer } from './server/server.js';
import { recoverCosts } from './services/costs/recover-costs.js';
import { recoverSyncRuns } from './services/inventory/request-sync.js';
import { recoverReceivablePushes } from './services/invoices/push-receivable.js';
import { LiveStreams } from './services/live/live-streams.js';
import { createPostgresWakes } from './services/live/postgres-wakes.js';
import { createRedisWakes } from './services/live/redis-wakes.js';
import { recoverSagas } from './services/sagas/recover-sagas.js';
import { recordScheduleFire } from './services/schedules/schedule-fires.js';

/** What `main.ts` has found or started before: the app takes it as given. */
export interface AppEnvironment {
  readonly config: Config;
  readonly log: Logger;
  readonly databaseUrl: string;
  readonly digitalOceanUrl: string;
  readonly digitalOceanTokens: Readonly<Record<'sync' | 'billing' | 'provisioning', string>>;
  /** Regions and endpoint of object storage; left out: sizes of buckets are not read. */
  readonly spaces?: SpacesOptions;
  readonly jwtSecret: string;
  readonly clock?: () => Date;
  /** How long finance may take to answer. */
  readonly financeTimeoutMs?: number;
  /** Compares every row of every statement with its shape; for tests. */
  readonly checkRows?: boolean;
}

export interface RunningApp {
  readonly app: App;
  /** Null where this process serves no API. */
  readonly server: RunningServer | null;
  /** Drains requests and jobs, then lets go of queue, streams and database, in this order. */
  close(): Promise<void>;
}

export interface Parts {
  readonly api: boolean;
  readonly worker: boolean;
  /** False: a worker without the schedule, for tests that start every run themselves. */
  readonly schedule?: boolean;
}

/** A worker renews its lock on a job twice in this time. */
const MIN_LOCK_MS = 2_000;

/** Builds the one App of this process and starts the parts that it is to play. */
export async function startApp(environment: AppEnvironment, parts: Parts): Promise<RunningApp> {
  const { config, log, databaseUrl, checkRows = false } = environment;
  const limits = config.database;
  const metrics = createMetrics();
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const db = await createDataSource({ url: databaseUrl, limits, checkRows }).initialize();
    closers.push(() => db.destroy());
    // A statement of an operation that was given up ends by itself, so that its connection is free again.
    const readLimits = {
      ...limits,
      statementTimeoutMs: shorter(limits.statementTimeoutMs, config.http.operationTimeoutMs + 1_000),
    };
    const reads = createReads(databaseUrl, (err) => log.warn({ err }, 'read connection lost'), {
      limits: parts.api ? readLimits : limits,
      checkRows,
    });
    closers.push(() => reads.end());
    const wakes = config.redisUrl
      ? await createRedisWakes(config.redisUrl, log, config.redisTimeoutMs)
      : await createPostgresWakes(databaseUrl, log, limits);
    closers.push(() => wakes.close());
    const queues = config.redisUrl
      ? QueueSystem.onRedis(config.redisUrl, log, config.redisTimeoutMs)
      : QueueSystem.onPostgres(databaseUrl, log, limits);
    closers.push(() => queues.close());

    const app: App = {
      config,
      log,
      clock: environment.clock ?? (() => new Date()),
      db,
      reads,
      digitalOcean: createDigitalOcean({
        baseUrl: environment.digitalOceanUrl,
        tokens: environment.digitalOceanTokens,
        log,
        onRequest: ({ purpose, method, status }) =>
          metrics.providerRequests.inc({ purpose, method, status: String(status ?? 'none') }),
      }),
      spaces: environment.spaces ? createSpaces(environment.spaces) : [],
      finance: financeClient(environment),
      queues,
      live: new LiveStreams(wakes, log),
      processId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    };

    watchQueues(metrics, queues);
    let server: RunningServer | null = null;
    if (parts.api) {
      const probe = await createDataSource({ url: databaseUrl, poolSize: 2, limits }).initialize();
      closers.push(() => probe.destroy());
      server = await startServer({
        app,
        probe,
        jwtSecret: environment.jwtSecret,
        metrics,
        pingQueue: () => queues.ping(),
      });
      closers.push(server.close);
    }
    if (!parts.api && config.healthPort !== null) {
      const { host } = config.http;
      const health = await startHealthServer({
        host,
        port: config.healthPort,
        metrics,
        db,
        pingQueue: () => queues.ping(),
      });
      log.info({ port: health.port }, 'serving health, readiness and metrics');
      closers.push(health.close);
    }
    if (parts.worker) {
      await queues.work(jobHandlers(app), {
        concurrency: CONCURRENCY,
        lockMs: Math.max(MIN_LOCK_MS, config.sagaLeaseSeconds * 1_000),
        onScheduled: (id) => recordScheduleFire(app, id),
      });
      await recoverSyncRuns(app, 0);
      await recoverCosts(app, 0);
      await recoverReceivablePushes(app);
      await recoverSagas(app, config.sagaLeaseSeconds);
      if (parts.schedule !== false) {
        await queues.schedule(SCHEDULE);
        const stopSweep = startSweep(app);
        closers.push(async () => stopSweep());
      }
    }
    return { app, server, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Of two limits in milliseconds, of which 0 is none. */
function shorter(limit: number, other: number): number {
  return limit === 0 ? other : Math.min(limit, other);
}

function financeClient({ config, jwtSecret, clock, financeTimeoutMs }: AppEnvironment) {
  if (config.financeUrl === null) return null;
  return createFinance({
    baseUrl: config.financeUrl,
    secret: jwtSecret,
    identity: config.financeIdentity,
    ...(config.jwt.algorithms[0] ? { algorithm: config.jwt.algorithms[0] } : {}),
    ...(clock ? { clock } : {}),
    ...(financeTimeoutMs === undefined ? {} : { timeoutMs: financeTimeoutMs }),
  });
}
