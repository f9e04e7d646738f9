import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { RateLimiterRes } from 'rate-limiter-flexible';
import type { Viewer } from '../context.js';
import { LLM_GATEWAY } from '../core/access/roles.js';
import { RateLimitedError } from '../errors.js';
import type { RateLimitStore } from './rate-limit-store.js';

/** What is left of a subject's minute, for the headers of its answer. */
export interface RateLimitState {
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Counts `operations` of the viewer. Throws RateLimitedError once its minute is used up, in whichever processes. */
export type RateLimit = (viewer: Viewer, operations: number) => RateLimitState | Promise<RateLimitState>;

/** A process takes this share of what is left of the minute at a time: so many round trips a minute, not one a request. */
const LEASE_SHARE = 1 / 16;
/** Subjects whose leases are stored; a subject that was dropped takes a new lease. */
const MAX_SUBJECTS = 20_000;
/** A store that takes longer counts as failed. */
const STORE_MS = 1_000;
/** For so long this process counts by itself before it asks a store that failed again. */
const ALONE_MS = 5_000;
const MINUTE_MS = 60_000;
/** The clocks of processes may differ a little. */
const MIN_LEASE_MS = 50;

interface Lease {
  /** Operations that this process may still admit. */
  left: number;
  /** What the shared count has left beyond this lease. */
  elsewhere: number;
  /** On the clock of `performance.now`. */
  endsAt: number;
  /** True: there is nothing more to take before the lease ends. */
  isLast: boolean;
  renewal: Promise<void> | null;
}

/**
 * Each subject of each tenant has its own minute, as operator, gateway or tenant: the same `sub` elsewhere is somebody
 * else. The count is shared by all processes and taken from it in leases, so that it is never exceeded; what one process
 * took and did not use is missing to the others until the minute ends. If the store fails, each process counts alone.
 */
export function createRateLimit(
  perMinute: number,
  store: RateLimitStore,
  onStoreFailure: (error: unknown) => void,
): RateLimit {
  const leases = new LRUCache<string, Lease>({ max: MAX_SUBJECTS });
  const keys = new WeakMap<Viewer, string>();

  const keyFor = (viewer: Viewer): string => {
    const known = keys.get(viewer) ?? keyOf(viewer);
    keys.set(viewer, known);
    return known;
  };

  const leaseOf = (key: string): Lease => {
    const known = leases.get(key);
    if (known && (known.renewal !== null || performance.now() < known.endsAt)) return known;
    const lease = { left: 0, elsewhere: perMinute, endsAt: Number.POSITIVE_INFINITY, isLast: false, renewal: null };
    leases.set(key, lease);
    return lease;
  };

  const take = (lease: Lease, operations: number): RateLimitState | null => {
    const resetSeconds = Math.max(1, Math.ceil((lease.endsAt - performance.now()) / 1_000));
    if (lease.left >= operations) {
      lease.left -= operations;
      return { limit: perMinute, remaining: lease.left + lease.elsewhere, resetSeconds };
    }
    if (lease.isLast) throw new RateLimitedError(resetSeconds);
    return null;
  };

  async function renew(key: string, lease: Lease, operations: number): Promise<void> {
    const points = Math.max(operations - lease.left, Math.ceil(lease.elsewhere * LEASE_SHARE));
    try {
      const { remainingPoints, msBeforeNext } = await withinTime(store.consume(key, points));
      lease.left += points;
      lease.elsewhere = remainingPoints;
      lease.endsAt = performance.now() + Math.max(msBeforeNext, MIN_LEASE_MS);
    } catch (refusal) {
      lease.isLast = true;
      lease.elsewhere = 0;
      if (refusal instanceof RateLimiterRes) {
        // The last who ask take what there was, and nobody gets more.
        lease.left += Math.max(0, points - (refusal.consumedPoints - perMinute));
        lease.endsAt = performance.now() + Math.max(refusal.msBeforeNext, MIN_LEASE_MS);
      } else {
        onStoreFailure(refusal);
        lease.left = Math.max(operations, Math.ceil((perMinute * ALONE_MS) / MINUTE_MS));
        lease.endsAt = performance.now() + ALONE_MS;
      }
    }
  }

  async function takeLater(key: string, operations: number): Promise<RateLimitState> {
    for (;;) {
      const lease = leaseOf(key);
      const state = take(lease, operations);
      if (state) return state;
      lease.renewal ??= renew(key, lease, operations).finally(() => {
        lease.renewal = null;
      });
      await lease.renewal;
    }
  }

  return (viewer, operations) => {
    const key = keyFor(viewer);
    return take(leaseOf(key), operations) ?? takeLater(key, operations);
  };
}

function keyOf({ tenantId, subject, roles, isOperator }: Viewer): string {
  const kind = isOperator ? 'operator' : roles.includes(LLM_GATEWAY) ? 'gateway' : 'tenant';
  return createHash('sha256')
    .update(JSON.stringify([kind, tenantId, subject]))
    .digest('base64url');
}

async function withinTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${STORE_MS} ms`)), STORE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
