import { Redis, type RedisOptions } from 'ioredis';

const KEEP_ALIVE_MS = 10_000;
const MAX_RETRY_MS = 2_000;

/**
 * A connection to Redis that connects again for ever. One that is silently lost is destroyed once a command has had no
 * answer for `timeoutMs`. `onError` hears of each failure; without it an error would end the process.
 */
export function createRedis(
  url: string,
  timeoutMs: number,
  onError: (error: Error) => void,
  options: RedisOptions = {},
): Redis {
  const redis = new Redis(url, {
    connectTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    keepAlive: KEEP_ALIVE_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(50 * 2 ** Math.min(times, 10), MAX_RETRY_MS),
    ...options,
  });
  redis.on('error', onError);
  return redis;
}
