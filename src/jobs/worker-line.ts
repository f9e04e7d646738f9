import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { Logger } from 'pino';
import type { QueueName } from '../context.js';
import { isOutage } from '../errors.js';
import type { QueueStore, WorkerSettings } from './queue-store.js';

const BACKOFF_MS = { first: 250, most: 5_000 };

/** One queue's worker, made again for as long as it does not start or ends by itself. */
export class WorkerLine {
  private worker: Worker | null = null;
  private isWorking = false;
  private readonly closing = new AbortController();
  private readonly closed = new Promise((resolve) =>
    this.closing.signal.addEventListener('abort', resolve, { once: true }),
  );
  private readonly ended: Promise<void>;
  private markStarted = () => {};
  /** Resolves once it works for the first time. */
  readonly started = new Promise<void>((resolve) => {
    this.markStarted = resolve;
  });

  constructor(
    private readonly store: Pick<QueueStore, 'makeWorker'>,
    readonly name: QueueName,
    private readonly settings: WorkerSettings,
    private readonly log: Logger,
  ) {
    this.ended = this.keepWorking();
  }

  /** What keeps it from working; null: it works. */
  get problem(): string | null {
    return this.isWorking ? null : `${this.name} has no worker`;
  }

  /** Lets the jobs at work end. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.worker?.close();
    await this.ended;
  }

  private async keepWorking(): Promise<void> {
    const { signal } = this.closing;
    for (let backoffMs = BACKOFF_MS.first; !signal.aborted; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS.most)) {
      const startedMs = performance.now();
      try {
        await this.workOnce();
        if (!signal.aborted) this.log.warn({ queue: this.name }, 'worker ended by itself; starting another');
      } catch (err) {
        if (!signal.aborted && !isOutage(err))
          this.log.error({ err, queue: this.name }, 'worker failed; starting another');
      }
      this.isWorking = false;
      if (performance.now() - startedMs > BACKOFF_MS.most) backoffMs = BACKOFF_MS.first;
      await sleep(backoffMs, null, { signal }).catch(() => undefined);
    }
  }

  private async workOnce(): Promise<void> {
    const worker = this.store.makeWorker(this.name, this.settings);
    this.worker = worker;
    worker.on('error', (err) => {
      if (!isOutage(err)) this.log.warn({ err, queue: this.name }, 'worker trouble');
    });
    worker.on('failed', (job, err) =>
      this.log.error({ err, queue: this.name, job: job?.name, data: job?.data }, 'job failed'),
    );
    try {
      await Promise.race([worker.waitUntilReady(), this.closed]);
      if (this.closing.signal.aborted) return;
      this.isWorking = true;
      this.markStarted();
      await worker.run();
    } finally {
      // Its jobs at work end by themselves, on the connections that all share.
      if (!this.closing.signal.aborted) await worker.close(true).catch(() => undefined);
    }
  }
}
