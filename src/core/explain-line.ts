import { type DecimalText, sumDecimals, toDecimalText } from './decimal-text.js';
import { type ExactCents, provesCents } from './exact-cents.js';
import { Decimal, toMajorUnits } from './money.js';
import type { LineMeta, OverageMeta, PricedLine } from './priced-line.js';

/** One addend of a quantity: usage adds, allowance and what exceeds the cap take away. */
export interface QuantityPart {
  readonly label: string;
  readonly quantity: DecimalText;
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
  const billableQuantity = meta.source === 'overage' ? meta.billable : null;
  const proven =
    provesCents({ cents: line.amount.cents, exactCents, residueCents }) &&
    sumDecimals(amountParts.map((part) => part.cents.numerator)).equals(exactCents.numerator) &&
    recomputedCents(line, meta).equals(exactCents.numerator) &&
    (billableQuantity === null || sumDecimals(quantityParts.map((part) => part.quantity)).equals(billableQuantity));
  if (!proven)
    throw new RangeError(`the record of "${line.description}" does not add up to ${line.amount.cents} cents`);
  return {
    formula,
    calculation: `${calculationOf(line, meta)} = ${approximate(exactCents)} c, rounded to ${toMajorUnits(line.amount.cents)}`,
    quantityParts,
    billableQuantity,
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

/** Usage adds, each part of the allowance takes away in turn as far as it was needed, and the cap takes the rest. */
function quantityPartsOf(meta: OverageMeta): QuantityPart[] {
  const parts: QuantityPart[] = [{ label: 'used', quantity: meta.used }];
  let toApply = new Decimal(meta.allowanceApplied);
  for (const part of meta.allowanceParts) {
    const applied = Decimal.min(part.quantity, toApply);
    toApply = toApply.minus(applied);
    const label = part.source === 'plan' ? 'included in the plan' : `addon ${part.addonCode}`;
    parts.push({ label, quantity: toDecimalText(applied.negated()) });
  }
  const aboveCap = new Decimal(meta.overage).minus(meta.billable);
  if (!aboveCap.isZero()) parts.push({ label: 'above the cap', quantity: toDecimalText(aboveCap.negated()) });
  return parts;
}

/** The numerator of the exact amount, from the inputs of the formula. */
function recomputedCents({ unitPriceCents }: PricedLine, meta: LineMeta): Decimal {
  if (meta.source === 'overage') return new Decimal(meta.billable).div(meta.unitSize).times(unitPriceCents);
  if (meta.source === 'tax') return new Decimal(meta.rate).times(meta.taxableCents);
  if (meta.source === 'llm_gateway') return sumDecimals([...meta.late, ...meta.charges].map((sum) => sum.exactCents));
  return new Decimal(meta.priceCents).times(meta.daysBilled);
}

function calculationOf({ unitPriceCents }: PricedLine, meta: LineMeta): string {
  if (meta.source === 'overage') {
    const { billable, unitSize, cap } = meta;
    const capped = cap === null ? '' : ` (at most ${cap})`;
    return `(${meta.used} − ${meta.allowanceApplied})${capped} = ${billable}; ${billable} ÷ ${unitSize} × ${unitPriceCents} c`;
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
