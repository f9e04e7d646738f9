import { type DecimalText, sumDecimals } from '../money/decimal-text.js';
import { Fraction } from '../money/fraction.js';
import { Decimal } from '../money/money.js';
import { daysInMonth, type Period } from '../time/period.js';
import type { BillingKind } from './billing-kind.js';

/** A sum with more digits after the point than this holds quotients that were cut: what people type in has fewer. */
const EXACT_SCALE = 12;

const MS_PER_HOUR = 3_600_000;

/**
 * What usage records of one kind in one month come to, exactly. A record is a quotient cut after 18 digits: a size by the
 * hours or days of the month, a time by an hour. Multiplied by the divisor, the sum is the whole that was divided, off by
 * far less than its last real digit (a byte of a GB, a microsecond); rounded there and divided again it is exact. So two
 * zones through a month are 2, however the month is cut.
 */
export function exactQuantity(kind: BillingKind, period: Period, quantities: readonly DecimalText[]): Fraction {
  if (quantities.every(isInteger)) return Fraction.sum(quantities.map((quantity) => Fraction.parse(quantity)));
  const sum = sumDecimals(quantities);
  if (sum.decimalPlaces() <= EXACT_SCALE) return Fraction.of(sum);
  const [divisor, realDigits] = kind === 'droplet_hours' ? [MS_PER_HOUR, 3] : [24 * daysInMonth(period), 9];
  return Fraction.of(sum.times(divisor).toDecimalPlaces(realDigits, Decimal.ROUND_HALF_UP)).share(1, divisor);
}

function isInteger(text: DecimalText): boolean {
  return !text.includes('.');
}
