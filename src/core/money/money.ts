import { Decimal as DecimalJs } from 'decimal.js';
import { requireExactCents } from './amount-limit.js';

/** Exact to 60 significant digits: amounts of 10^-12 dollars sum without loss over any month. */
export const Decimal = DecimalJs.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, defaults: true });
export type Decimal = DecimalJs;

export const CURRENCIES = ['AUD', 'USD'] as const;
export type Currency = (typeof CURRENCIES)[number];

/** Exact minor units. Two currencies never meet without a rate. */
export interface Money {
  readonly cents: number;
  readonly currency: Currency;
}

/** Half away from zero, once a line: the only rounding there is (spec §0). */
export function roundToCents(exactCents: Decimal): number {
  const cents = exactCents.toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber();
  return requireExactCents(cents, `An amount of ${exactCents.toFixed(0)} cents`) + 0; // never -0
}

/** The sum of amounts in one currency; an empty list is zero of it. */
export function sumMoney(currency: Currency, amounts: readonly Money[]): Money {
  let cents = 0;
  for (const amount of amounts) {
    if (amount.currency !== currency) throw new RangeError(`cannot add ${amount.currency} to ${currency}`);
    cents += amount.cents;
  }
  return { cents: requireExactCents(cents, `The sum of ${amounts.length} amounts`), currency };
}

/** Major units for display: 2225 cents are "22.25", -1580 are "-15.80". */
export function toMajorUnits(cents: number): string {
  return new Decimal(cents).div(100).toFixed(2);
}
