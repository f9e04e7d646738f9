/** How often a step is tried, and how long is waited in between. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly attempts: number;
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

/** Forward: about a minute of trouble is borne. */
export const STEP_POLICY: RetryPolicy = { attempts: 6, firstDelaySeconds: 2, maxDelaySeconds: 60 };
/** Backward: some ten minutes, since what is not undone needs a human. */
export const COMPENSATION_POLICY: RetryPolicy = { attempts: 12, firstDelaySeconds: 2, maxDelaySeconds: 90 };
/** Pushes to finance are never given up: the books shall have each invoice. */
export const FINANCE_POLICY: RetryPolicy = {
  attempts: Number.POSITIVE_INFINITY,
  firstDelaySeconds: 30,
  maxDelaySeconds: 3_600,
};

/** What the other side may ask for at most: then it is asked again, and may ask for more. */
const MAX_REQUESTED_DELAY_SECONDS = 3_600;

/** Seconds until the next try after `failed` tries: doubled each time, and not sooner than the other side asks. */
export function retryDelaySeconds(policy: RetryPolicy, failed: number, requestedSeconds: number | null): number {
  const backoff = Math.min(policy.maxDelaySeconds, policy.firstDelaySeconds * 2 ** (failed - 1));
  return Math.max(backoff, Math.min(requestedSeconds ?? 0, MAX_REQUESTED_DELAY_SECONDS));
}
