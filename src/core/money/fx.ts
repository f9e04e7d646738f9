import { DomainError } from '../../errors.js';
import { type Day, lastDayOf, type Period } from '../time/period.js';
import type { DecimalText } from './decimal-text.js';
import { type Currency, Decimal, type Money, roundToCents } from './money.js';

/** One unit of `base` is `rate` units of `quote`, from that day until a later rate of the pair. */
export interface FxRate {
  readonly base: Currency;
  readonly quote: Currency;
  readonly effectiveFrom: Day;
  readonly rate: DecimalText;
}

export interface CurrencyPair {
  readonly base: Currency;
  readonly quote: Currency;
}

/** No rate for a pair on a day. It is never taken for 1, nor derived from the opposite pair. */
export class MissingFxRateError extends DomainError {
  override readonly name = 'MissingFxRateError';
  readonly code = 'BAD_USER_INPUT';
  constructor(
    readonly pair: CurrencyPair,
    readonly day: Day,
  ) {
    super(
      `There is no rate from ${pair.base} to ${pair.quote} on ${day}. An operator sets one that is effective by then: ` +
        `setFxRate(input: { base: ${pair.base}, quote: ${pair.quote}, effectiveFrom: "${day}", rate: "…" }).`,
    );
  }
  override get details() {
    const fields = [{ path: 'period', message: this.message }];
    return { fields, base: this.pair.base, quote: this.pair.quote, day: this.day };
  }
}

/** What reports are in, and every rate that there is. */
export interface Reporting {
  readonly currency: Currency;
  readonly rates: readonly FxRate[];
}

/** The rate of a pair on a day: of those effective by then, the latest; null where there is none. */
export function findRate(rates: readonly FxRate[], pair: CurrencyPair, day: Day): FxRate | null {
  let found: FxRate | null = null;
  for (const rate of rates) {
    if (rate.base !== pair.base || rate.quote !== pair.quote || rate.effectiveFrom > day) continue;
    if (found === null || rate.effectiveFrom > found.effectiveFrom) found = rate;
  }
  return found;
}

/** Throws MissingFxRateError where there is none. */
export function rateOn(rates: readonly FxRate[], pair: CurrencyPair, day: Day): FxRate {
  const found = findRate(rates, pair, day);
  if (!found) throw new MissingFxRateError(pair, day);
  return found;
}

/** A month is converted at one rate, that of its last day: the bill for a month comes after it. */
export function rateOfMonth(rates: readonly FxRate[], pair: CurrencyPair, period: Period): FxRate {
  return rateOn(rates, pair, lastDayOf(period));
}

/**
 * Converts one line and rounds it, once. Lines are converted singly, so that every grouping of them sums to the same
 * total. In SQL: `round(amount_cents * rate)`.
 */
export function convert(amount: Money, rate: FxRate): Money {
  if (amount.currency !== rate.base) throw new RangeError(`a rate from ${rate.base} cannot convert ${amount.currency}`);
  return { cents: roundToCents(new Decimal(rate.rate).times(amount.cents)), currency: rate.quote };
}

/** An amount in the reporting currency, at the rate of the month that it belongs to. */
export function convertAtMonth({ currency, rates }: Reporting, amount: Money, period: Period): Money {
  if (amount.currency === currency) return amount;
  return convert(amount, rateOfMonth(rates, { base: amount.currency, quote: currency }, period));
}
