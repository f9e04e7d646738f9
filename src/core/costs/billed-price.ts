import { type DecimalText, toDecimalText } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';
import type { CauseEvidence } from '../reports/cost-anomaly.js';

/** A month of one resource: what it cost in the provider's currency, and for how many hours. */
export interface BilledHours {
  readonly cents: number;
  readonly hours: DecimalText;
}

/** A month costs no more than this many hours (28 days), so longer months are not cheaper by the hour. */
const HOURS_CAP = 672;

/**
 * The price of an hour now and usually (the median), the same where they differ by no more than the provider's rounding: of
 * the amount to a cent, and of the hours to whole ones. Null where hours are not billed.
 */
export function hourlyPrices(now: BilledHours | null, history: readonly BilledHours[]): CauseEvidence['hourlyCents'] {
  const past = history.filter(isTimed).map(hourlyCents);
  if (!now || !isTimed(now) || past.length === 0) return null;
  const hourly = hourlyCents(now);
  const usual = past.toSorted((a, b) => a.comparedTo(b))[past.length >> 1] as Decimal;
  const moved = hourly.minus(usual).abs().times(Decimal.min(now.hours, HOURS_CAP));
  const isRounding = moved.lte(usual.times(2).plus(1));
  return { now: toDecimalText(isRounding ? usual : hourly), usual: toDecimalText(usual) };
}

function isTimed({ hours }: BilledHours): boolean {
  return new Decimal(hours).gt(0);
}

function hourlyCents({ cents, hours }: BilledHours): Decimal {
  return new Decimal(cents).div(Decimal.min(hours, HOURS_CAP)).toDecimalPlaces(6, Decimal.ROUND_HALF_UP);
}
