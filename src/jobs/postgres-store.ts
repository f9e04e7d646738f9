import { createPostgresBackend, Queue, Worker } from 'bullmq';
import type pg from 'pg';
import type { Logger } from 'pino';
import { QUEUE_NAMES } from '../context.js';
import { QUEUE_SCHEMA } from '../database/migrate.js';
import { createPool } from '../database/pool.js';
import type { ConnectionLimits, WatchedClient } from '../database/watched-client.js';
import { isOutage } from '../errors.js';
import { OutageLog } from '../log.js';
import { KEEP, type QueueStore, workerOptions } from './queue-store.js';

/** Of the shared pool each worker keeps one connection that listens. */
const POOL_SIZE = QUEUE_NAMES.length + 10;
/** No worker waits longer for a notification before it looks for itself. */
const MAX_WAIT_SECONDS = 10;
const BACKOFF_MS = { first: 100, most: 2_000 };

/** BullMQ on Postgres. */
export function createPostgresStore(databaseUrl: string, log: Logger, limits?: ConnectionLimits): QueueStore {
  const outage = new OutageLog(log, 'queue connection to Postgres');
  const listeners: (() => void)[] = [];
  const pool = createPool(
    {
      connectionString: databaseUrl,
      max: POOL_SIZE,
      options: `-c search_path=${QUEUE_SCHEMA}`,
      application_name: 'arcadia-cloud queue',
    },
    (err) => outage.failed(err),
    limits,
  );
  // Each queue and worker listens for errors of the pool that they share.
  pool.setMaxListeners(4 * QUEUE_NAMES.length);
  const connection = new QueuePool(
    pool,
    (err) => outage.failed(err),
    () => {
      if (outage.ms === null) return;
      outage.succeeded();
      for (const listener of listeners) listener();
    },
  ) as unknown as pg.Pool;
  const backend: typeof createPostgresBackend = (name, options, settings) => {
    const made = createPostgresBackend(name, options, settings);
    Object.defineProperty(made, 'maximumBlockTimeout', { value: MAX_WAIT_SECONDS });
    return made;
  };
  return {
    makeQueue: (name) => new Queue(name, { connection, defaultJobOptions: KEEP } as never, backend as never),
    makeWorker: (name, settings) =>
      new Worker(name, settings.run as never, { connection, ...workerOptions(settings) } as never, backend as never),
    outageMs: () => outage.ms,
    onReturn: (listener) => listeners.push(listener),
    disconnect: () => pool.end(),
  };
}

/**
 * What BullMQ uses of a pool. It takes a connection to listen on and keeps it whatever happens to it, and repeats at once
 * what failed for anything but ECONNREFUSED. So none is handed out that was lost before its user could hear of that, an
 * outage fails slower and slower, and each failure for it is ECONNREFUSED.
 */
class QueuePool {
  readonly options: pg.PoolOptions;
  private backoffMs = 0;

  constructor(
    private readonly pool: pg.Pool,
    private readonly onOutage: (error: unknown) => void,
    private readonly onAnswer: () => void,
  ) {
    this.options = pool.options;
  }

  on(event: 'error', listener: (error: Error) => void): this {
    this.pool.on(event, listener);
    return this;
  }

  query(text: string, values?: unknown[]): Promise<pg.QueryResult> {
    return this.guard(() => this.pool.query(text, values));
  }

  connect(): Promise<pg.PoolClient> {
    return this.guard(async () => {
      const client = (await this.pool.connect()) as pg.PoolClient & WatchedClient;
      if (client.isLost) {
        client.release(true);
        throw new Error('Connection terminated as soon as it was made');
      }
      client.pingWhenIdle();
      return client;
    });
  }

  end(): Promise<void> {
    return this.pool.end();
  }

  private async guard<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await work();
      this.backoffMs = 0;
      this.onAnswer();
      return result;
    } catch (error) {
      if (!isOutage(error) || this.pool.ending) throw error;
      this.onOutage(error);
      this.backoffMs = Math.min(Math.max(BACKOFF_MS.first, this.backoffMs * 2), BACKOFF_MS.most);
      await new Promise((resolve) => setTimeout(resolve, this.backoffMs));
      throw Object.assign(new Error('Postgres does not answer the queue', { cause: error }), { code: 'ECONNREFUSED' });
    }
  }
}
