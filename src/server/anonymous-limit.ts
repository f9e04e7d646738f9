import { LRUCache } from 'lru-cache';
import { RateLimitedError } from '../errors.js';

const WINDOW_MS = 60_000;
/** Addresses that are counted at once. Past it the least recently seen address is dropped and starts anew. */
const MAX_ADDRESSES = 20_000;

/** Counts a request without a valid token. Throws RateLimitedError past the limit of its address. */
export type CountAnonymous = (address: string) => void;

/** In this process alone: these requests are answered from their headers and cost no more than the count itself. */
export function createAnonymousLimit(perMinute: number): CountAnonymous {
  const counts = new LRUCache<string, { count: number; readonly endsAt: number }>({ max: MAX_ADDRESSES });
  return (address) => {
    const now = performance.now();
    const known = counts.get(address);
    const current = known && now < known.endsAt ? known : { count: 0, endsAt: now + WINDOW_MS };
    if (current !== known) counts.set(address, current);
    current.count += 1;
    if (current.count > perMinute) throw new RateLimitedError(Math.max(1, Math.ceil((current.endsAt - now) / 1_000)));
  };
}
