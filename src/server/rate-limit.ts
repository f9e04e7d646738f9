import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { RateLimitedError } from '../errors.js';

/** Counts `operations` of `key`, a subject or an address. Throws RateLimitedError once its minute is used up. */
export type RateLimit = (key: string, operations: number) => Promise<void>;

export function createRateLimit(perMinute: number): RateLimit {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return async (key, operations) => {
    try {
      await limiter.consume(key, operations);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw new RateLimitedError(Math.max(1, Math.ceil(refused.msBeforeNext / 1000)));
    }
  };
}
