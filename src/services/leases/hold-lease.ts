import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { LeaseLostError } from './lease.js';

/** A lease that is renewed for as long as this process is alive. */
export interface HeldLease {
  /** Aborts when another worker has the lease or may have it, or when this process stops. */
  readonly signal: AbortSignal;
  /** Renews the lease. Throws LeaseLostError if another worker has it. */
  check(): Promise<void>;
  /** Call right before a request leaves. Throws LeaseLapsedError if this process stood still since `check`. */
  assertFresh(): void;
  /** Stops the renewals. The lease itself ends by its time or by `Leases.release`. */
  release(): void;
}

/** This process stood still for so long that another worker may have its lease. */
export class LeaseLapsedError extends Error {
  override readonly name = 'LeaseLapsedError';
}

export interface HoldOptions {
  readonly seconds: number;
  /** Sends one renewal. False: another worker has the lease. */
  readonly renew: () => Promise<boolean>;
  readonly lostError: () => LeaseLostError;
  /** The row in messages, as `saga 7f3c…`. */
  readonly subject: string;
  readonly log: Pick<Logger, 'warn'>;
}

/** Holds a lease that was just claimed until `release`. `stopping` aborts when this process stops. */
export function holdLease(options: HoldOptions, stopping: AbortSignal): HeldLease {
  const { seconds, renew, lostError, subject } = options;
  const ending = new AbortController();
  const leaseMs = seconds * 1_000;
  // Not AbortSignal.any: it never releases a signal that somebody listened to.
  const stop = () => ending.abort(stopping.reason);
  setMaxListeners(0, stopping);
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  let confirmedMs = Number.NEGATIVE_INFINITY;

  async function check(): Promise<void> {
    // The time before the renewal is sent: the database counts from no earlier than that.
    const sentMs = performance.now();
    if (!(await renew())) {
      const error = lostError();
      ending.abort(error);
      throw error;
    }
    confirmedMs = Math.max(confirmedMs, sentMs);
  }

  function assertFresh(): void {
    // Half of the lease: the request must also have arrived before another worker can claim it.
    if (performance.now() - confirmedMs <= leaseMs / 2) return;
    const error = new LeaseLapsedError(`${subject} may have gone to another runner while this process stood still`);
    ending.abort(error);
    throw error;
  }

  const stopRenewing = renewRegularly({ ...options, renew: check });
  return {
    signal: ending.signal,
    check,
    assertFresh,
    release() {
      stopRenewing();
      stopping.removeEventListener('abort', stop);
    },
  };
}

/** Renews a lease three times in its length, one renewal at a time. The returned function stops that. */
export function renewRegularly({
  seconds,
  renew,
  subject,
  log,
}: Pick<HoldOptions, 'seconds' | 'subject' | 'log'> & { readonly renew: () => Promise<unknown> }): () => void {
  let isRenewing = false;
  let isStopped = false;
  async function renewOnce(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      await renew();
    } catch (err) {
      // Harmless by itself: each write checks who holds the lease.
      if (!isStopped) log.warn({ err, subject }, 'lease not renewed');
    } finally {
      isRenewing = false;
    }
  }
  const timer = setInterval(() => void renewOnce(), (seconds * 1_000) / 3).unref();
  return () => {
    isStopped = true;
    clearInterval(timer);
  };
}
