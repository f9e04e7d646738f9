import { toDecimalText } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import { addDays, type ClosedDayRange, type Day, daysOf, type Period } from '../time/period.js';
import type { DailyQuantity } from './run-rate.js';

/** Daily costs keep this many digits after the point. */
const COST_SCALE = 12;

/** What the month had cost by the end of a day, as the provider said. */
export interface MonthToDate {
  readonly day: Day;
  readonly cents: number;
}

/** What each day of a month cost: the provider says running totals, and days between two of them share the rise evenly. */
export function dailyCostOf(period: Period, totals: readonly MonthToDate[]): DailyQuantity[] {
  const daily: DailyQuantity[] = [];
  let [from, before]: [Day, number] = [period, 0];
  for (const { day, cents } of totals.toSorted((a, b) => (a.day < b.day ? -1 : 1))) {
    const until = addDays(day, 1);
    daily.push(...spread({ from, until }, cents - before));
    [from, before] = [until, cents];
  }
  return daily;
}

/** An amount spread evenly over days, of which the last takes what does not divide. */
export function spread(range: ClosedDayRange, cents: number): DailyQuantity[] {
  const days = daysOf(range);
  if (days.length === 0) return [];
  const share = new Decimal(cents).div(days.length).toDecimalPlaces(COST_SCALE, Decimal.ROUND_DOWN);
  const last = new Decimal(cents).minus(share.times(days.length - 1));
  return days.map((day, i) => ({ day, quantity: toDecimalText(i === days.length - 1 ? last : share) }));
}
