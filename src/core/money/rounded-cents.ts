import { type DecimalText, toDecimalText } from './decimal-text.js';
import type { Fraction } from './fraction.js';
import { Decimal, roundToCents } from './money.js';

/** Cents as a fraction, because a price divided by the days of a month often has no last decimal. */
export interface ExactCents {
  readonly numerator: DecimalText;
  readonly denominator: number;
}

/** One rounding and its proof: `exactCents + residueCents = cents`, over the same denominator. */
export interface RoundedCents {
  readonly cents: number;
  readonly exactCents: ExactCents;
  readonly residueCents: ExactCents;
}

/** The same of a quotient. */
export function settleFraction(exact: Fraction): RoundedCents {
  const { numerator, denominator } = exact.toDecimalOver();
  return roundExact(numerator, denominator);
}

/** Rounds an exact amount to cents, keeping what the rounding added or took. */
export function roundExact(numerator: Decimal, denominator = 1): RoundedCents {
  const cents = roundToCents(numerator.div(denominator));
  return {
    cents,
    exactCents: { numerator: toDecimalText(numerator), denominator },
    residueCents: { numerator: toDecimalText(new Decimal(cents).times(denominator).minus(numerator)), denominator },
  };
}

/** Whether amount, exact value and residue prove each other. */
export function isExactRounding({ cents, exactCents, residueCents }: RoundedCents): boolean {
  if (exactCents.denominator !== residueCents.denominator) return false;
  const sum = new Decimal(exactCents.numerator).plus(residueCents.numerator);
  const residue = new Decimal(residueCents.numerator).abs().times(2);
  return sum.equals(new Decimal(cents).times(exactCents.denominator)) && residue.lte(residueCents.denominator);
}
