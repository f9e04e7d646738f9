import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { createRedis } from '../database/redis.js';
import { OutageLog } from '../log.js';
import { KEEP, type QueueStore, workerOptions } from './queue-store.js';

const PREFIX = 'arcadia';
/** BullMQ's limit for the command by which a worker waits for a job. */
const MAX_BLOCK_MS = 10_000;
/**
 * How late the answer of that command may be. Short, because a lost worker continues only after both and, if Redis gave the
 * job's mark to the lost connection, after another wait: 10 + 3 + 10 s.
 */
const BLOCK_GRACE_MS = 3_000;

/** BullMQ on Redis. */
export function createRedisStore(redisUrl: string, log: Logger, timeoutMs: number): QueueStore {
  const outage = new OutageLog(log, 'queue connection to Redis');
  const listeners: (() => void)[] = [];
  const connections = new Set<Redis>();
  const connect = (enableOfflineQueue: boolean) => {
    const connection = createRedis(redisUrl, timeoutMs, (err) => outage.failed(err), { enableOfflineQueue });
    connection.on('close', () => {
      if (connection.status !== 'end') outage.failed(new Error('Connection is closed'));
    });
    connection.on('ready', () => {
      if (outage.ms === null || [...connections].some(({ status }) => status !== 'ready')) return;
      outage.succeeded();
      for (const listener of listeners) listener();
    });
    connections.add(connection);
    return connection;
  };
  // What cannot be sent at once fails: its callers have their own way to send it later.
  const shared = connect(false);
  return {
    makeQueue: (name) => new Queue(name, { connection: shared as never, prefix: PREFIX, defaultJobOptions: KEEP }),
    makeWorker(name, settings) {
      const connection = connect(true);
      // BullMQ makes its blocking connection from this one.
      connection.duplicate = (options) =>
        Redis.prototype.duplicate.call(connection, {
          ...options,
          socketTimeout: MAX_BLOCK_MS + Math.min(timeoutMs, BLOCK_GRACE_MS),
        });
      const worker = new Worker(name, settings.run as never, {
        connection: connection as never,
        prefix: PREFIX,
        ...workerOptions(settings),
      });
      worker.once('closed', () => {
        connection.disconnect();
        connections.delete(connection);
      });
      return worker;
    },
    outageMs: () => outage.ms,
    onReturn: (listener) => listeners.push(listener),
    async disconnect() {
      for (const connection of connections) connection.disconnect();
    },
  };
}
