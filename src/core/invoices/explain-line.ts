import { type DecimalText, sumDecimals, toDecimalText } from '../money/decimal-text.js';
import { Fraction } from '../money/fraction.js';
import { Decimal, toMajorUnits } from '../money/money.js';
import { type ExactCents, isExactRounding } from '../money/rounded-cents.js';
import { partQuantity } from '../pricing/allowance.js';
import type { LineMeta, OverageMeta, PricedLine } from '../pricing/priced-line.js';

/** One addend of a quantity: usage adds, allowance and what exceeds the cap take away. */
export interface QuantityPart {
  readonly label: string;
  /** Cut after 12 digits where it has no last one. */
  readonly quantity: DecimalText;
  /** The same as a quotient: "20/31". */
  readonly exact: string;
}

/** One addend of the amount. */
export interface AmountPart {
  readonly label: string;
  readonly cents: ExactCents;
}

/** A line taken apart: quantity parts sum to `billableQuantity`, amount parts and residue to the line's amount. */
export interface LineExplanation {
  readonly formula: string;
  /** The formula with its numbers, as "5000 c × 12/31 = 1935.48… c, rounded to 19.35". */
  readonly calculation: string;
  readonly quantityParts: readonly QuantityPart[];
  readonly billableQuantity: DecimalText | null;
  /** What is billed, as a quotient; null but for overage. */
  readonly exactBillableQuantity: string | null;
  readonly amountParts: readonly AmountPart[];
  /** What the one rounding of the line added (or, negative, took). */
  readonly residueCents: ExactCents;
}

/** Proves a stored line from its own record; throws RangeError where the record does not add up to the amount. */
export function explainLine(line: PricedLine): LineExplanation {
  const { meta } = line;
  const { exactCents, residueCents, formula } = meta;
  const amountParts = amountPartsOf(meta);
  const quantityParts = meta.source === 'overage' ? quantityPartsOf(meta) : [];
  const billable = meta.source === 'overage' ? exactOf(meta).billable : null;
  const proven =
    isExactRounding({ cents: line.amount.cents, exactCents, residueCents }) &&
    sumDecimals(amountParts.map((part) => part.cents.numerator)).equals(exactCents.numerator) &&
    recomputedCents(line, meta).equals(Fraction.parse(exactCents.numerator).share(1, exactCents.denominator)) &&
    (billable === null || Fraction.sum(quantityParts.map((part) => Fraction.parse(part.exact))).equals(billable));
  if (!proven)
    throw new RangeError(`the record of "${line.description}" does not add up to ${line.amount.cents} cents`);
  return {
    formula,
    calculation: `${calculationOf(line, meta)} = ${approximate(exactCents)} c, rounded to ${toMajorUnits(line.amount.cents)}`,
    quantityParts,
    billableQuantity: billable && toDecimalText(sumDecimals(quantityParts.map((part) => part.quantity))),
    exactBillableQuantity: billable?.toText() ?? null,
    amountParts,
    residueCents,
  };
}

function amountPartsOf(meta: LineMeta): AmountPart[] {
  if (meta.source !== 'llm_gateway') return [{ label: meta.source, cents: meta.exactCents }];
  const part = (label: string) => (sum: { period: string; requestCount: number; exactCents: DecimalText }) => ({
    label: `${label} ${sum.period.slice(0, 7)} (requests: ${sum.requestCount})`,
    cents: { numerator: sum.exactCents, denominator: 1 },
  });
  return [...meta.late.map(part('late, of')), ...meta.charges.map(part('of'))];
}

interface ExactQuantities {
  readonly used: Fraction;
  readonly allowanceApplied: Fraction;
  readonly billable: Fraction;
}

function exactOf(meta: OverageMeta): ExactQuantities {
  const { used, allowanceApplied, billable } = meta.exact ?? meta;
  return {
    used: Fraction.parse(used),
    allowanceApplied: Fraction.parse(allowanceApplied),
    billable: Fraction.parse(billable),
  };
}

/** Usage adds, each part of the allowance takes away in turn as far as it was needed, and the cap takes the rest. */
function quantityPartsOf(meta: OverageMeta): QuantityPart[] {
  const { used, allowanceApplied, billable } = exactOf(meta);
  const parts = [quantityPart('used', used)];
  let toApply = allowanceApplied;
  for (const part of meta.allowanceParts) {
    const applied = Fraction.min(partQuantity(part), toApply);
    toApply = toApply.minus(applied);
    const label = part.source === 'plan' ? 'included in the plan' : `addon ${part.addonCode}`;
    const share = part.prorationFraction ? `, ${part.prorationFraction} of ${part.wholeQuantity}` : '';
    parts.push(quantityPart(`${label}${share}`, Fraction.ZERO.minus(applied)));
  }
  const aboveCap = used.minus(allowanceApplied).minus(billable);
  if (!aboveCap.isZero()) parts.push(quantityPart('above the cap', Fraction.ZERO.minus(aboveCap)));
  return parts;
}

function quantityPart(label: string, quantity: Fraction): QuantityPart {
  return { label, quantity: quantity.toDecimalText(), exact: quantity.toText() };
}

/** The exact amount, from the inputs of the formula. */
function recomputedCents({ unitPriceCents }: PricedLine, meta: LineMeta): Fraction {
  if (meta.source === 'overage') {
    return exactOf(meta).billable.times(Fraction.parse(unitPriceCents)).share(1, Number(meta.unitSize));
  }
  if (meta.source === 'tax') return Fraction.of(new Decimal(meta.rate).times(meta.taxableCents));
  if (meta.source === 'llm_gateway') {
    return Fraction.of(sumDecimals([...meta.late, ...meta.charges].map((sum) => sum.exactCents)));
  }
  return Fraction.of(new Decimal(meta.priceCents)).share(meta.daysBilled, meta.daysInMonth);
}

function calculationOf({ unitPriceCents }: PricedLine, meta: LineMeta): string {
  if (meta.source === 'overage') {
    const { used, allowanceApplied, billable } = meta.exact ?? meta;
    const capped = meta.cap === null ? '' : ` (at most ${meta.cap})`;
    return `(${used} − ${allowanceApplied})${capped} = ${billable}; ${billable} ÷ ${meta.unitSize} × ${unitPriceCents} c`;
  }
  if (meta.source === 'tax') return `${meta.taxableCents} c × ${meta.rate}`;
  if (meta.source === 'llm_gateway') return [...meta.late, ...meta.charges].map((s) => `${s.exactCents} c`).join(' + ');
  return `${meta.priceCents} c × ${meta.prorationFraction}`;
}

function approximate({ numerator, denominator }: ExactCents): string {
  const value = new Decimal(numerator).div(denominator);
  const shown = value.toDecimalPlaces(6, Decimal.ROUND_DOWN);
  return shown.equals(value) ? toDecimalText(value) : `${shown.toFixed(6)}…`;
}
