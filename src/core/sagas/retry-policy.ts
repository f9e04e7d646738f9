/** How many attempts there are, and the delays between them. */
export interface RetryPolicy {
  /** Including the first. */
  readonly attempts: number;
  readonly firstDelaySeconds: number;
  readonly maxDelaySeconds: number;
}

/** For steps: survives about a minute of errors. */
export const STEP_POLICY: RetryPolicy = { attempts: 6, firstDelaySeconds: 2, maxDelaySeconds: 60 };
/** For compensations: about ten minutes, since a failed one needs an operator. */
export const COMPENSATION_POLICY: RetryPolicy = { attempts: 12, firstDelaySeconds: 2, maxDelaySeconds: 90 };
/** For pushes to finance: unlimited, since finance must get each invoice. */
export const FINANCE_POLICY: RetryPolicy = {
  attempts: Number.POSITIVE_INFINITY,
  firstDelaySeconds: 30,
  maxDelaySeconds: 3_600,
};

/** The limit of a delay that the provider requests; its next answer may request another one. */
const MAX_REQUESTED_DELAY_SECONDS = 3_600;

/** Seconds until the next attempt after `failed` attempts: doubled each time, and at least the requested delay. */
export function retryDelaySeconds(policy: RetryPolicy, failed: number, requestedSeconds: number | null): number {
  const backoff = Math.min(policy.maxDelaySeconds, policy.firstDelaySeconds * 2 ** (failed - 1));
  return Math.max(backoff, Math.min(requestedSeconds ?? 0, MAX_REQUESTED_DELAY_SECONDS));
}
