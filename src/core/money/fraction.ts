import { type DecimalText, toDecimalText } from './decimal-text.js';
import { Decimal } from './money.js';

/** Digits after the point of a quantity that is shown as a decimal but has no last one, as 20/31. */
const SHOWN_SCALE = 12;

interface DecimalOver {
  readonly numerator: Decimal;
  readonly denominator: number;
}

/** An exact quotient of integers: what a decimal cannot hold, as the share of a month that a day is. Immutable. */
export class Fraction {
  static readonly ZERO = new Fraction(0n, 1n);

  /** Computed when first needed: pricing shows and rounds the same quotient several times. */
  private decimal: DecimalOver | null = null;

  private constructor(
    private readonly numerator: bigint,
    private readonly denominator: bigint,
  ) {}

  /** Of a decimal ("-0.0125"), or of a quotient as `toText` writes it ("20/31"). */
  static parse(text: string): Fraction {
    if (!text.includes('.') && !text.includes('/')) return new Fraction(BigInt(text), 1n);
    const [above = '', below = '1'] = text.split('/');
    const [whole = '', decimals = ''] = above.split('.');
    return new Fraction(BigInt(whole + decimals), 10n ** BigInt(decimals.length) * BigInt(below));
  }

  static of(value: Decimal): Fraction {
    return Fraction.parse(toDecimalText(value));
  }

  static min(a: Fraction, b: Fraction): Fraction {
    return a.compare(b) <= 0 ? a : b;
  }

  static sum(terms: readonly Fraction[]): Fraction {
    return terms.reduce((sum, one) => sum.plus(one), Fraction.ZERO);
  }

  plus(other: Fraction): Fraction {
    if (this.denominator === other.denominator) return new Fraction(this.numerator + other.numerator, this.denominator);
    return new Fraction(
      this.numerator * other.denominator + other.numerator * this.denominator,
      this.denominator * other.denominator,
    );
  }

  minus(other: Fraction): Fraction {
    return this.plus(new Fraction(-other.numerator, other.denominator));
  }

  times(other: Fraction): Fraction {
    return new Fraction(this.numerator * other.numerator, this.denominator * other.denominator);
  }

  /** Times `above` over `below`, integers of which the second is positive. */
  share(above: number, below: number): Fraction {
    return new Fraction(this.numerator * BigInt(above), this.denominator * BigInt(below));
  }

  isZero(): boolean {
    return this.numerator === 0n;
  }

  equals(other: Fraction): boolean {
    return this.compare(other) === 0;
  }

  /** Negative, zero or positive, as this is less than, equal to or greater than the other. */
  compare(other: Fraction): number {
    const difference = this.numerator * other.denominator - other.numerator * this.denominator;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  /** Whether it has a last digit as a decimal. */
  isDecimal(): boolean {
    return this.denominator === 1n || this.toDecimalOver().denominator === 1;
  }

  /** Exact: a decimal if it has a last digit ("0.25"), else a quotient in lowest terms ("20/31"). */
  toText(): string {
    if (this.isDecimal()) return this.toDecimalText();
    const divisor = greatestCommonDivisor(this.numerator, this.denominator);
    return `${this.numerator / divisor}/${this.denominator / divisor}`;
  }

  /** As a decimal over the least integer that leaves one: 20/31 is 20 over 31, and 1/12 is 0.25 over 3. */
  toDecimalOver(): DecimalOver {
    this.decimal ??= this.computeDecimalOver();
    return this.decimal;
  }

  private computeDecimalOver(): DecimalOver {
    if (this.denominator === 1n) return { numerator: new Decimal(String(this.numerator)), denominator: 1 };
    const divisor = greatestCommonDivisor(this.numerator, this.denominator);
    let denominator = this.denominator / divisor;
    let decimals = 1n;
    for (const prime of [2n, 5n]) {
      for (; denominator % prime === 0n; denominator /= prime) decimals *= prime;
    }
    const numerator = new Decimal(String(this.numerator / divisor)).div(String(decimals));
    return { numerator, denominator: Number(denominator) };
  }

  /** Exact if there is a last digit, else to `SHOWN_SCALE` digits after the point. */
  toDecimalText(): DecimalText {
    if (this.denominator === 1n) return String(this.numerator);
    const { numerator, denominator } = this.toDecimalOver();
    if (denominator === 1) return toDecimalText(numerator);
    return toDecimalText(numerator.div(denominator).toDecimalPlaces(SHOWN_SCALE, Decimal.ROUND_HALF_UP));
  }
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [left, right] = [a < 0n ? -a : a, b];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}
