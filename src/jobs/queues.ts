import { createPostgresBackend, type Job, Queue, Worker, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { type JobData, QUEUE_NAMES, type QueueName, type Queues } from '../context.js';
import { QUEUE_SCHEMA } from '../database/migrate.js';
import { createPool } from '../database/pool.js';

/** Kept for a look at what happened; the tables know what was done. */
const KEEP = { removeOnComplete: { count: 200 }, removeOnFail: { count: 1_000 } };
/** Of the shared pool each worker keeps one connection that listens. */
const POOL_SIZE = QUEUE_NAMES.length + 10;

export type JobHandler = (data: JobData, signal: AbortSignal) => Promise<void>;

export interface JobSchedule {
  readonly id: string;
  readonly queue: QueueName;
  readonly job: string;
  /** Five or six cron fields, UTC. */
  readonly cron?: string;
  readonly everyMs?: number;
}

/** BullMQ on Postgres, or on Redis where there is a URL for it: the only place that knows which. */
export class QueueSystem implements Queues {
  private readonly queues = new Map<QueueName, Queue>();
  private readonly workers: Worker[] = [];
  private readonly stopping = new AbortController();

  private constructor(
    private readonly makeQueue: (name: QueueName) => Queue,
    private readonly makeWorker: (name: QueueName, run: (job: Job) => Promise<void>, concurrency: number) => Worker,
    private readonly disconnect: () => Promise<void>,
    private readonly log: Logger,
  ) {}

  static onPostgres(databaseUrl: string, log: Logger): QueueSystem {
    const pool = createPool(
      {
        connectionString: databaseUrl,
        max: POOL_SIZE,
        options: `-c search_path=${QUEUE_SCHEMA}`,
        application_name: 'arcadia-cloud queue',
      },
      (err) => log.warn({ err }, 'queue connection lost'),
    );
    // Each queue and worker listens for errors of the pool that they share.
    pool.setMaxListeners(4 * QUEUE_NAMES.length);
    const backend = withBackend(createPostgresBackend);
    return new QueueSystem(
      (name) => new backend.Queue(name, { connection: pool, defaultJobOptions: KEEP }) as unknown as Queue,
      (name, run, concurrency) =>
        new backend.Worker(name, run as never, { connection: pool, concurrency, ...KEEP }) as unknown as Worker,
      () => pool.end(),
      log,
    );
  }

  static onRedis(redisUrl: string, log: Logger): QueueSystem {
    const connections: Redis[] = [];
    const connect = () => {
      const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
      connection.on('error', (err) => log.warn({ err }, 'redis queue connection lost'));
      connections.push(connection);
      return connection;
    };
    const shared = connect();
    return new QueueSystem(
      (name) => new Queue(name, { connection: shared as never, prefix: 'arcadia', defaultJobOptions: KEEP }),
      (name, run, concurrency) =>
        new Worker(name, run as never, { connection: connect() as never, prefix: 'arcadia', concurrency, ...KEEP }),
      async () => {
        for (const connection of connections) connection.disconnect();
      },
      log,
    );
  }

  async add(name: QueueName, job: string, data: JobData, options: { id: string; delayMs?: number }): Promise<void> {
    await this.queue(name).add(job, data, {
      deduplication: { id: options.id, keepLastIfActive: true },
      ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
    });
  }

  /** Makes the schedules those given, in the queue's own store; any number of processes may do so at once. */
  async schedule(schedules: readonly JobSchedule[]): Promise<void> {
    for (const { id, queue, job, cron, everyMs } of schedules) {
      const repeat = cron === undefined ? { every: everyMs as number } : { pattern: cron, tz: 'UTC' };
      const template = { name: job, data: {}, opts: { removeOnComplete: true, removeOnFail: true } };
      await this.queue(queue)
        .upsertJobScheduler(id, repeat, template)
        .catch((err) => {
          // Another process is working on this very iteration, and makes the next one when it is done.
          if (!(err instanceof Error) || !err.message.includes('job ID already exists')) throw err;
          this.log.debug({ schedule: id }, 'schedule stands: its present iteration is at work');
        });
    }
  }

  /** Starts working on every queue; a handler is found by the job's name. */
  async work(
    handlers: Readonly<Record<string, JobHandler>>,
    concurrency: Readonly<Record<QueueName, number>>,
  ): Promise<void> {
    for (const name of QUEUE_NAMES) {
      const run = async (job: Job) => {
        const handler = handlers[job.name];
        if (!handler) throw new Error(`no handler for job ${job.name} of queue ${name}`);
        await handler(job.data as JobData, this.stopping.signal);
      };
      const worker = this.makeWorker(name, run, concurrency[name]);
      worker.on('error', (err) => this.log.warn({ err, queue: name }, 'worker connection trouble'));
      worker.on('failed', (job, err) =>
        this.log.error({ err, queue: name, job: job?.name, data: job?.data }, 'job failed'),
      );
      this.workers.push(worker);
    }
    await Promise.all(this.workers.map((worker) => worker.waitUntilReady()));
  }

  /** Throws where the queue's store does not answer. */
  async ping(): Promise<void> {
    await this.queue('cloud_sync_fast').getJobCounts('waiting');
  }

  /** Jobs by queue and state, for the metrics. */
  async counts(): Promise<{ queue: QueueName; state: string; count: number }[]> {
    const all = await Promise.all(
      QUEUE_NAMES.map(async (queue) => {
        const counts = await this.queue(queue).getJobCounts('waiting', 'active', 'delayed', 'failed');
        return Object.entries(counts).map(([state, count]) => ({ queue, state, count }));
      }),
    );
    return all.flat();
  }

  /** Tells the handlers to stop, waits for them, then lets go of the connections. */
  async close(): Promise<void> {
    this.stopping.abort(new Error('this process is stopping'));
    await Promise.all(this.workers.map((worker) => worker.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
    await this.disconnect();
  }

  private queue(name: QueueName): Queue {
    const known = this.queues.get(name);
    if (known) return known;
    const made = this.makeQueue(name);
    made.on('error', (err) => this.log.warn({ err, queue: name }, 'queue connection trouble'));
    this.queues.set(name, made);
    return made;
  }
}
