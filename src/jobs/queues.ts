import { setTimeout as sleep } from 'node:timers/promises';
import type { Job, Queue } from 'bullmq';
import type { Logger } from 'pino';
import { type JobData, QUEUE_NAMES, type QueueName, type Queues } from '../context.js';
import type { ConnectionLimits } from '../database/watched-client.js';
import { isOutage } from '../errors.js';
import { OwedJobs } from './owed-jobs.js';
import { createPostgresStore } from './postgres-store.js';
import type { QueueStore } from './queue-store.js';
import { createRedisStore } from './redis-store.js';
import { WorkerLine } from './worker-line.js';

/** How long a request waits for its job to be queued; its row is committed by then. */
const PATIENCE_MS = 1_000;
const WATCH_MS = 60_000;
/** A schedule that should have run so long ago has lost its next run. */
const OVERDUE_MS = 60_000;

export type JobHandler = (data: JobData, signal: AbortSignal) => Promise<void>;

export interface JobSchedule {
  readonly id: string;
  readonly queue: QueueName;
  readonly job: string;
  /** Five or six cron fields, UTC. */
  readonly cron?: string;
  readonly everyMs?: number;
}

export interface WorkOptions {
  readonly concurrency: Readonly<Record<QueueName, number>>;
  /** A job whose worker is silent for so long goes to another one. */
  readonly lockMs: number;
  /** Before a job that a schedule made. */
  readonly onScheduled?: (scheduleId: string) => Promise<void>;
}

/** BullMQ on Postgres, or on Redis where there is a URL for it. Whatever connection is lost is made again. */
export class QueueSystem implements Queues {
  private readonly queues = new Map<QueueName, Promise<Queue>>();
  private readonly lines: WorkerLine[] = [];
  private readonly stopping = new AbortController();
  private readonly owed: OwedJobs;
  private watch: NodeJS.Timeout | null = null;

  private constructor(
    private readonly store: QueueStore,
    private readonly log: Logger,
  ) {
    this.owed = new OwedJobs(PATIENCE_MS, log);
  }

  static onPostgres(databaseUrl: string, log: Logger, limits?: ConnectionLimits): QueueSystem {
    return new QueueSystem(createPostgresStore(databaseUrl, log, limits), log);
  }

  static onRedis(redisUrl: string, log: Logger, timeoutMs: number): QueueSystem {
    return new QueueSystem(createRedisStore(redisUrl, log, timeoutMs), log);
  }

  /** Returns within a second: a job that the store does not take in that time is added once it answers. */
  async add(name: QueueName, job: string, data: JobData, options: { id: string; delayMs?: number }): Promise<void> {
    const dueMs = Date.now() + (options.delayMs ?? 0);
    await this.owed.add(`${name} ${options.id}`, async () => {
      const queue = await this.queue(name);
      await queue.add(job, data, {
        deduplication: { id: options.id, keepLastIfActive: true },
        ...(options.delayMs === undefined ? {} : { delay: Math.max(0, dueMs - Date.now()) }),
      });
    });
  }

  /**
   * Makes the schedules those given, in the queue's own store, and again once a minute and after each outage if they are
   * missing or stand still: the store may have lost everything. Any number of processes may do so at once.
   */
  async schedule(schedules: readonly JobSchedule[]): Promise<void> {
    for (const schedule of schedules) await this.upsert(schedule);
    let isWatching = false;
    const watch = async () => {
      if (isWatching) return;
      isWatching = true;
      try {
        await this.restore(schedules);
      } catch (err) {
        if (!isOutage(err)) this.log.error({ err }, 'schedules not checked; trying again');
      } finally {
        isWatching = false;
      }
    };
    this.watch = setInterval(() => void watch(), WATCH_MS).unref();
    this.store.onReturn(() => void watch());
  }

  /** Starts working on every queue; a handler is found by the job's name. */
  async work(handlers: Readonly<Record<string, JobHandler>>, options: WorkOptions): Promise<void> {
    const run = async (job: Job) => {
      const handler = handlers[job.name];
      if (!handler) throw new Error(`no handler for job ${job.name} of queue ${job.queueName}`);
      if (job.repeatJobKey) await options.onScheduled?.(job.repeatJobKey);
      await handler(job.data as JobData, this.stopping.signal);
    };
    for (const name of QUEUE_NAMES) {
      const settings = { run, concurrency: options.concurrency[name], lockMs: options.lockMs };
      this.lines.push(new WorkerLine(this.store, name, settings, this.log));
    }
    await Promise.all(this.lines.map((line) => line.started));
  }

  /** Throws where the queue's store does not answer, or this process cannot work on a queue that it should work on. */
  async ping(): Promise<void> {
    await (await this.queue('cloud_sync_fast')).getJobCounts('waiting');
    const problem = this.lines.find((line) => line.problem !== null)?.problem;
    if (problem) throw new Error(problem);
  }

  /** How long the store has not answered, in milliseconds; 0: it does. */
  outageMs(): number {
    return this.store.outageMs() ?? 0;
  }

  /** Of the queues that this process should work on, how many have a worker. */
  workersUp(): { readonly working: number; readonly wanted: number } {
    return { working: this.lines.filter((line) => line.problem === null).length, wanted: this.lines.length };
  }

  /** Jobs that the store has not taken yet. */
  owedCount(): number {
    return this.owed.size;
  }

  /** Jobs by queue and state, for the metrics; none where the store does not answer soon. */
  async counts(): Promise<{ queue: QueueName; state: string; count: number }[]> {
    const counting = Promise.all(QUEUE_NAMES.map((name) => this.countsOf(name)));
    counting.catch(() => undefined); // it may fail after it was waited for
    const late = new AbortController();
    try {
      const all = await Promise.race([counting, sleep(PATIENCE_MS, null, { signal: late.signal })]);
      return all?.flat() ?? [];
    } catch (err) {
      if (!isOutage(err)) throw err;
      return [];
    } finally {
      late.abort();
    }
  }

  private async countsOf(queue: QueueName): Promise<{ queue: QueueName; state: string; count: number }[]> {
    const counts = await (await this.queue(queue)).getJobCounts('waiting', 'active', 'delayed', 'failed');
    return Object.entries(counts).map(([state, count]) => ({ queue, state, count }));
  }

  /** Tells the handlers to stop, waits for them, then lets go of the connections. */
  async close(): Promise<void> {
    this.stopping.abort(new Error('this process is stopping'));
    if (this.watch) clearInterval(this.watch);
    this.owed.close();
    await Promise.all(this.lines.map((line) => line.close()));
    const queues = await Promise.allSettled(this.queues.values());
    await Promise.all(queues.map((made) => (made.status === 'fulfilled' ? made.value.close() : undefined)));
    await this.store.disconnect();
  }

  private async restore(schedules: readonly JobSchedule[]): Promise<void> {
    const restored: string[] = [];
    for (const name of new Set(schedules.map(({ queue }) => queue))) {
      const wanted = schedules.filter(({ queue }) => queue === name);
      const found = new Map((await (await this.queue(name)).getJobSchedulers()).map((each) => [each.key, each]));
      for (const schedule of wanted) {
        const next = found.get(schedule.id)?.next;
        if (next !== undefined && next > Date.now() - OVERDUE_MS) continue;
        await this.upsert(schedule);
        restored.push(schedule.id);
      }
    }
    if (restored.length > 0)
      this.log.warn({ schedules: restored }, 'schedules restored: they were lost or stood still');
  }

  private async upsert({ id, queue, job, cron, everyMs }: JobSchedule): Promise<void> {
    const repeat = cron === undefined ? { every: everyMs as number } : { pattern: cron, tz: 'UTC' };
    const template = { name: job, data: {}, opts: { removeOnComplete: true, removeOnFail: true } };
    try {
      await (await this.queue(queue)).upsertJobScheduler(id, repeat, template);
    } catch (err) {
      // Another process is working on this very iteration, and makes the next one when it is done.
      if (!(err instanceof Error) || !err.message.includes('job ID already exists')) throw err;
      this.log.debug({ schedule: id }, 'schedule stands: its present iteration is at work');
    }
  }

  /** One that could not connect is of no use for ever: the next call makes another. */
  private queue(name: QueueName): Promise<Queue> {
    const known = this.queues.get(name);
    if (known) return known;
    const making = this.connect(name).catch((error) => {
      this.queues.delete(name);
      throw error;
    });
    this.queues.set(name, making);
    return making;
  }

  private async connect(name: QueueName): Promise<Queue> {
    const queue = this.store.makeQueue(name);
    queue.on('error', (err) => {
      if (!isOutage(err)) this.log.warn({ err, queue: name }, 'queue trouble');
    });
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      await queue.close().catch(() => undefined);
      throw error;
    }
  }
}
