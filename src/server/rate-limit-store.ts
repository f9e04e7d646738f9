import { Redis } from 'ioredis';
import { RateLimiterPostgres, RateLimiterRedis, type RateLimiterRes } from 'rate-limiter-flexible';
import type { App } from '../context.js';

/** Counts that all processes share. */
export interface RateLimitStore {
  /** Rejects with a RateLimiterRes past the limit, and with an error if the store does not answer. */
  consume(key: string, points: number): Promise<RateLimiterRes>;
  close(): void;
}

/** On Redis if it is configured, else in the table `rate_limits`. */
export function createRateLimitStore({ config, db }: Pick<App, 'config' | 'db'>): RateLimitStore {
  const limit = { points: config.http.rateLimitPerMinute, duration: 60, keyPrefix: 'arcadia-rate' };
  if (config.redisUrl !== null) {
    const redis = new Redis(config.redisUrl, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
    // The rejection of `consume` reports the failure to its caller.
    redis.on('error', () => undefined);
    const limiter = new RateLimiterRedis({ ...limit, storeClient: redis, rejectIfRedisNotReady: true });
    return { consume: (key, points) => limiter.consume(key, points), close: () => redis.disconnect() };
  }
  const client = {
    query: async ({ text, values }: { text: string; values: unknown[] }) => ({ rows: await db.query(text, values) }),
  };
  const limiter = new RateLimiterPostgres({
    ...limit,
    storeClient: client,
    storeType: 'client',
    tableName: 'rate_limits',
    tableCreated: true,
  });
  return { consume: (key, points) => limiter.consume(key, points), close: () => undefined };
}
