import { Decimal } from '../money/money.js';
import type { Period } from '../time/period.js';

/** What the method said on the same day of a past month, and what that month came to. */
export interface PastForecast {
  readonly period: Period;
  readonly forecastCents: number;
  readonly actualCents: number;
}

export interface ForecastError extends PastForecast {
  /** Forecast less actual: positive where too much was expected. */
  readonly errorCents: number;
  /** Of the actual amount, to one decimal; null where that is zero. */
  readonly errorPercent: number | null;
}

export interface ForecastAccuracy {
  /** Oldest first. */
  readonly months: readonly ForecastError[];
  /** Mean size of the error, its sign aside; null where no month has one. */
  readonly meanAbsolutePercent: number | null;
  /** Mean error with its sign: positive where the method expects too much. */
  readonly biasPercent: number | null;
}

/** How far the same method was off in past months. */
export function forecastAccuracy(past: readonly PastForecast[]): ForecastAccuracy {
  const exact = past
    .toSorted((a, b) => (a.period < b.period ? -1 : 1))
    .map((month) => {
      const errorCents = month.forecastCents - month.actualCents;
      const percent =
        month.actualCents === 0 ? null : new Decimal(errorCents).div(Math.abs(month.actualCents)).times(100);
      return { month, errorCents, percent };
    });
  const percents = exact.map(({ percent }) => percent).filter((percent) => percent !== null);
  return {
    months: exact.map(({ month, errorCents, percent }) => ({
      ...month,
      errorCents,
      errorPercent: percent && oneDecimal(percent),
    })),
    meanAbsolutePercent: mean(percents.map((percent) => percent.abs())),
    biasPercent: mean(percents),
  };
}

function mean(percents: readonly Decimal[]): number | null {
  if (percents.length === 0) return null;
  return oneDecimal(percents.reduce((sum, one) => sum.plus(one), new Decimal(0)).div(percents.length));
}

function oneDecimal(percent: Decimal): number {
  return percent.toDecimalPlaces(1, Decimal.ROUND_HALF_UP).toNumber() + 0;
}
