import { type DecimalText, sumDecimals } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import {
  addDays,
  type ClosedDayRange,
  type Day,
  daysBetween,
  earlierDay,
  laterDay,
  nextPeriod,
  type Period,
} from '../time/period.js';

/**
 * The rest of a month goes on as the last days went: the mean of the last seven complete days, those of the month before
 * included, or of as many as there are since the first. A mean of the month so far would lag behind every change.
 */
export const RUN_RATE_DAYS = 7;

/** Projected quantities keep this many digits after the point. */
const PROJECTION_SCALE = 12;

export interface DailyQuantity {
  readonly day: Day;
  readonly quantity: DecimalText;
}

export interface MonthProjection {
  /** Of the complete days of the month. */
  readonly accrued: Decimal;
  /** Those and the days to come. */
  readonly total: Decimal;
}

/** What is expected each day from `asOf` on, the first day that is not complete; days without a record count as 0. */
export function dailyRunRate(history: readonly DailyQuantity[], asOf: Day): Decimal {
  const complete = history.filter((one) => one.day < asOf);
  const firstDay = complete.reduce((first, one) => earlierDay(one.day, first), asOf);
  const from = laterDay(firstDay, addDays(asOf, -RUN_RATE_DAYS));
  const days = daysBetween(from, asOf);
  if (days === 0) return new Decimal(0);
  const recent = complete.filter((one) => one.day >= from).map((one) => one.quantity);
  return sumDecimals(recent).div(days).toDecimalPlaces(PROJECTION_SCALE, Decimal.ROUND_HALF_UP);
}

/** A month in daily figures, seen from one day. */
export function projectMonth(history: readonly DailyQuantity[], period: Period, asOf: Day): MonthProjection {
  const accrued = sumDecimals(accruedDays(history, period, asOf).map((one) => one.quantity));
  const { from, until } = remainingDays(period, asOf);
  return { accrued, total: dailyRunRate(history, asOf).times(daysBetween(from, until)).plus(accrued) };
}

/** The days of the month that are complete. */
export function accruedDays<T extends { readonly day: Day }>(history: readonly T[], period: Period, asOf: Day): T[] {
  const until = earlierDay(asOf, nextPeriod(period));
  return history.filter(({ day }) => day >= period && day < until);
}

/** From `asOf` to the end of the month; none once the month is over, all of it before it begins. */
export function remainingDays(period: Period, asOf: Day): ClosedDayRange {
  const until = nextPeriod(period);
  return { from: earlierDay(laterDay(asOf, period), until), until };
}
