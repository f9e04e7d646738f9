import type { SubscriptionTerms } from '../pricing/price-month.js';
import { addDays, type Day, type DayRange } from '../time/period.js';

/** A subscription as it stood on a day: what began later was not known, and what ended later was still open. */
export function asKnownOn({ segments, addons }: SubscriptionTerms, day: Day): SubscriptionTerms {
  const known = <Range extends DayRange>(ranges: readonly Range[]): Range[] =>
    ranges
      .filter((range) => range.from <= day)
      // The day on which something ends is billed, so that day already knows of an end right after it.
      .map((range) => (range.until !== null && range.until > addDays(day, 1) ? { ...range, until: null } : range));
  return { segments: known(segments), addons: known(addons) };
}
