import { Decimal } from '../money/money.js';
import { type RoundedCents, roundExact } from '../money/rounded-cents.js';
import { addDays, type ClosedDayRange, type Day, daysBetween, daysInMonth, type Period } from '../time/period.js';

/** Which days of a month are billed, and what share of it that is. */
export interface Proration {
  /** Days billed over days in the month, as "12/31". */
  readonly prorationFraction: string;
  readonly daysBilled: number;
  readonly daysInMonth: number;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

/** Null where no day is billed. The ranges lie within the period and do not overlap; the first day of each counts. */
export function prorationOf(period: Period, ranges: readonly ClosedDayRange[]): Proration | null {
  const inOrder = ranges.toSorted((a, b) => (a.from < b.from ? -1 : 1));
  const [first, last] = [inOrder.at(0), inOrder.at(-1)];
  if (!first || !last) return null;
  const daysBilled = inOrder.reduce((sum, range) => sum + daysBetween(range.from, range.until), 0);
  const days = daysInMonth(period);
  return {
    prorationFraction: `${daysBilled}/${days}`,
    daysBilled,
    daysInMonth: days,
    firstDay: first.from,
    lastDay: addDays(last.until, -1),
  };
}

/** Price × days billed ÷ days in the month, rounded once. A full month costs the price. */
export function prorate(priceCents: number, share: Pick<Proration, 'daysBilled' | 'daysInMonth'>): RoundedCents {
  return roundExact(new Decimal(priceCents).times(share.daysBilled), share.daysInMonth);
}
