import { Decimal } from '../money/money.js';

/** A point of a metric: epoch seconds, and megabits per second as the provider writes them. */
export type RateSample = readonly [second: number, megabits: string];

/** A rate holds until the next sample, at most so long: without samples nothing is known to have been sent. */
const MAX_STEP_SECONDS = 900;
const BITS_PER_GB = new Decimal(2).pow(30).times(8);

/** What was sent at these rates within a window, in GB of 2^30 bytes; samples may come in any order. */
export function transferredGb(samples: readonly RateSample[], window: { from: number; until: number }): Decimal {
  const within = samples.filter(([at]) => at >= window.from && at < window.until).sort(([a], [b]) => a - b);
  const bits = within.reduce((sum, [at, megabits], index) => {
    const end = Math.min(within[index + 1]?.[0] ?? window.until, at + MAX_STEP_SECONDS, window.until);
    return sum.plus(new Decimal(megabits).times(1_000_000).times(end - at));
  }, new Decimal(0));
  return bits.div(BITS_PER_GB);
}
