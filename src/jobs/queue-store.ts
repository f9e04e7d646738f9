import type { Job, Queue, Worker } from 'bullmq';
import type { QueueName } from '../context.js';

/** Kept for a look at what happened; the tables know what was done. */
export const KEEP = { removeOnComplete: { count: 200 }, removeOnFail: { count: 1_000 } };

export interface WorkerSettings {
  readonly run: (job: Job) => Promise<void>;
  readonly concurrency: number;
  /** A job whose worker is silent for so long goes to another one. */
  readonly lockMs: number;
}

/** Where the queues live: Postgres or Redis. Objects that could not connect are of no use; make new ones. */
export interface QueueStore {
  makeQueue(name: QueueName): Queue;
  /** Not running yet. */
  makeWorker(name: QueueName, settings: WorkerSettings): Worker;
  /** How long the store has not answered; null: it does. */
  outageMs(): number | null;
  /** Calls `listener` once the store answers after an outage: it may have lost everything. */
  onReturn(listener: () => void): void;
  disconnect(): Promise<void>;
}

/** What every worker is made with, whatever the store. */
export function workerOptions({ concurrency, lockMs }: WorkerSettings) {
  return {
    concurrency,
    ...KEEP,
    autorun: false,
    lockDuration: lockMs,
    // A worker that was killed leaves its jobs for no longer than its lock and this.
    stalledInterval: STALLED_MS,
    // Every job may be delivered again and again; what it is about has limits of its own.
    maxStalledCount: 100,
    runRetryDelay: RETRY_MS,
  };
}

const STALLED_MS = 3_000;
const RETRY_MS = 1_000;
