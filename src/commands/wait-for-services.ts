import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { createRedis } from '../database/redis.js';
import { isOutage } from '../errors.js';

const BACKOFF_MS = { first: 250, most: 5_000 };

/** Database or Redis could not be reached for as long as a start waits: one line for the operator. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
}

/**
 * Runs `attempt` until it does not fail for an outage, for as long as a start may wait. It says in `use` which variable names
 * what it is about to connect to.
 */
export async function waitForServices<Result>(
  config: Pick<Config, 'startTimeoutMs'>,
  log: Pick<Logger, 'warn' | 'info'>,
  attempt: (use: (variable: string, url: string) => void) => Promise<Result>,
): Promise<Result> {
  const untilMs = performance.now() + config.startTimeoutMs;
  const seconds = config.startTimeoutMs / 1_000;
  let lastReason = '';
  for (let backoffMs = BACKOFF_MS.first; ; backoffMs = Math.min(2 * backoffMs, BACKOFF_MS.most)) {
    let used = '';
    try {
      return await attempt((variable, url) => {
        // Never the whole: it may hold a password.
        used = `${variable} (${new URL(url).host})`;
      });
    } catch (error) {
      if (!isOutage(error)) throw error;
      const { code, message } = error as { readonly code?: string; readonly message?: string };
      const why = `${used} cannot be reached: ${message || code}`;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0) throw new UnreachableError(`${why}. Gave up after ${seconds} s (START_TIMEOUT_SECONDS).`);
      if (why !== lastReason) log.warn(`${why}; trying again for up to ${seconds} s`);
      lastReason = why;
      await sleep(Math.min(backoffMs, leftMs));
    }
  }
}

/** Throws where Redis does not answer. */
export async function pingRedis({
  redisUrl,
  redisTimeoutMs,
}: Pick<Config, 'redisUrl' | 'redisTimeoutMs'>): Promise<void> {
  if (redisUrl === null) return;
  let lastError: Error | null = null;
  const redis = createRedis(
    redisUrl,
    redisTimeoutMs,
    (error) => {
      lastError = error;
    },
    { lazyConnect: true, retryStrategy: () => null },
  );
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    throw lastError ?? error;
  } finally {
    redis.disconnect();
  }
}
