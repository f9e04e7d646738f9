/** How often and how long a request is tried again. */
export interface RetryLimits {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** The longest wait for a rate limit; one that takes longer is the caller's to wait for. */
  readonly maxWaitMs: number;
}

export const RETRY_LIMITS: RetryLimits = {
  attempts: 5,
  firstBackoffMs: 1_000,
  maxBackoffMs: 30_000,
  maxWaitMs: 60_000,
};

type ReadableHeaders = Pick<Headers, 'get'>;

/** What came back: a status with its headers, or nothing at all. */
export interface FailedAttempt {
  readonly status: number | null;
  readonly headers: ReadableHeaders | null;
  /** Whether the provider may have carried the request out. */
  readonly mayHaveActed: boolean;
}

/** Whether the same request may be sent again without asking anyone. */
export function mayRetry(failed: FailedAttempt, idempotent: boolean): boolean {
  if (failed.status === 429) return true; // refused before anything was done
  if (failed.status !== null && !isTransient(failed.status)) return false;
  return idempotent || !failed.mayHaveActed;
}

/** Statuses that tell of a passing trouble; 501 tells of a missing feature. */
export function isTransient(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

export interface RetryTiming {
  /** How many tries have failed, this one included. */
  readonly attempt: number;
  readonly headers: ReadableHeaders | null;
  readonly status: number | null;
  readonly nowMs: number;
  /** From 0 up to 1. */
  readonly random: number;
}

/** Milliseconds until the next try: what the provider asks for, else exponential backoff, half of it jitter. */
export function retryDelayMs(timing: RetryTiming, limits: RetryLimits): number {
  const full = Math.min(limits.maxBackoffMs, limits.firstBackoffMs * 2 ** (timing.attempt - 1));
  const backoff = full / 2 + (full / 2) * timing.random;
  const requested = requestedDelayMs(timing);
  if (requested === null) return Math.round(backoff);
  // Never earlier than asked for, and a little apart from the others that were told the same.
  return Math.round(requested + Math.min(1_000, requested) * timing.random);
}

/** What the answer itself asks for: `Retry-After`, or on a 429 with an empty budget its reset. */
export function requestedDelayMs({ headers, status, nowMs }: Pick<RetryTiming, 'headers' | 'status' | 'nowMs'>) {
  if (headers === null) return null;
  const after = retryAfterMs(headers, nowMs);
  if (after !== null) return after;
  const emptied = status === 429 && headers.get('ratelimit-remaining') === '0';
  return emptied ? resetInMs(headers, nowMs) : null;
}

/** `Retry-After` as seconds or as an HTTP date; null where absent or unreadable. */
export function retryAfterMs(headers: ReadableHeaders, nowMs: number): number | null {
  const text = headers.get('retry-after')?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - providerNowMs(headers, nowMs));
}

/** Milliseconds until `ratelimit-reset`, by the provider's own clock where the answer shows it. */
export function resetInMs(headers: ReadableHeaders, nowMs: number): number | null {
  const text = headers.get('ratelimit-reset')?.trim();
  if (!text || !/^\d+$/.test(text)) return null;
  return Math.max(0, Number(text) * 1_000 - providerNowMs(headers, nowMs));
}

export function remaining(headers: ReadableHeaders): number | null {
  const text = headers.get('ratelimit-remaining')?.trim();
  return text && /^\d+$/.test(text) ? Number(text) : null;
}

/** A clock of ours that is an hour off shall not stop us for an hour. */
function providerNowMs(headers: ReadableHeaders, nowMs: number): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? nowMs : date;
}
