import { remaining, resetInMs } from './retry-timing.js';

/** The provider's window is an hour: whatever a header says, no pause is longer. */
const MAX_PAUSE_MS = 3_600_000;
/** An empty budget may stem from the burst of a minute, though the reset tells of the hour: after that it is tried. */
const BURST_MS = 60_000;
/** After a reset one request comes free, not all: until an answer tells more, one goes every second. */
const PROBE_EVERY_MS = 1_000;

export type BudgetDecision = { readonly send: true } | { readonly send: false; readonly waitMs: number };

/** What is known of one token's rate limit. One a purpose, so that one never waits for another. */
export class Budget {
  #remaining: number | null = null;
  #resetAtMs = 0;
  #pausedUntilMs = 0;
  #inFlight = 0;

  /** Takes one request from the budget, or tells how long to wait before asking again. */
  take(nowMs: number): BudgetDecision {
    if (nowMs < this.#pausedUntilMs) return { send: false, waitMs: this.#pausedUntilMs - nowMs };
    if (this.#remaining !== null && this.#remaining <= 0) {
      if (nowMs < this.#resetAtMs) return { send: false, waitMs: this.#resetAtMs - nowMs };
      this.#remaining = 1;
      this.#resetAtMs = nowMs + PROBE_EVERY_MS;
    }
    if (this.#remaining !== null) this.#remaining -= 1;
    this.#inFlight += 1;
    return { send: true };
  }

  /** Every request that was taken is answered once, with null where no answer came. */
  answered(headers: Pick<Headers, 'get'> | null, nowMs: number): void {
    this.#inFlight -= 1;
    const left = headers && remaining(headers);
    const reset = headers && resetInMs(headers, nowMs);
    if (left === null || reset === null) return;
    // Requests on their way may not be counted in this answer yet.
    this.#remaining = Math.max(0, left - this.#inFlight);
    this.#resetAtMs = nowMs + Math.min(reset, BURST_MS);
  }

  /** The provider said 429: nothing goes out for so long, whatever the reset of that answer says. */
  pause(waitMs: number, nowMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + Math.min(waitMs, MAX_PAUSE_MS));
    this.#remaining = 0;
    this.#resetAtMs = this.#pausedUntilMs;
  }
}
