import { setTimeout as sleep } from 'node:timers/promises';
import { isOutage } from '../errors.js';

const RETRY_MS = 250;

/** Runs `work` again and again while the database cannot be reached, for `forMs` at most or until `signal` aborts. */
export async function retryOutage<Result>(
  work: () => Promise<Result>,
  { forMs, signal }: { readonly forMs: number; readonly signal: AbortSignal },
): Promise<Result> {
  const untilMs = performance.now() + forMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isOutage(error) || signal.aborted || performance.now() > untilMs) throw error;
      await sleep(RETRY_MS);
    }
  }
}
