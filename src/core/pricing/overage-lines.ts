import { BILLING_KIND_FACTS, BILLING_KINDS, type BillingKind, unitSize } from '../metering/billing-kind.js';
import { exactQuantity } from '../metering/metered-quantity.js';
import { type DecimalText, toDecimalText } from '../money/decimal-text.js';
import { Fraction } from '../money/fraction.js';
import { type Currency, Decimal } from '../money/money.js';
import { settleFraction } from '../money/rounded-cents.js';
import { addDays, type ClosedDayRange, type Day, intersect, type Period } from '../time/period.js';
import { type Allowance, allowanceOf, type InForce } from './allowance.js';
import type { AddonTerms, PlanItem, PlanVersionTerms, ResourcePrice } from './plan.js';
import { type PriceWindow, priceWindows } from './price-windows.js';
import { type OverageMeta, type PricedLine, type PriceSource, roundedLine } from './priced-line.js';

/** Usage of one kind. Days may be summed beforehand if one price, and either billing or none, holds on all of them. */
export interface DayUsage {
  readonly kind: BillingKind;
  readonly day: Day;
  readonly quantity: DecimalText;
}

/** Usage of one kind that no line prices: shown, never dropped. */
export interface UnpricedUsage {
  readonly kind: BillingKind;
  readonly quantity: DecimalText;
}

/** What the usage of a month is measured against. */
export interface OverageTerms {
  readonly period: Period;
  /** The version in force last: its items set price, unit and cap. */
  readonly plan: PlanVersionTerms;
  readonly plans: readonly InForce<PlanVersionTerms>[];
  readonly addons: readonly InForce<AddonTerms>[];
  readonly billedDays: readonly ClosedDayRange[];
  readonly resourcePrices: readonly ResourcePrice[];
}

export interface PricedUsage {
  readonly lines: readonly PricedLine[];
  /** Beyond its allowance, and without a price. */
  readonly unpriced: readonly UnpricedUsage[];
}

/**
 * Usage of billed days beyond the allowance of each kind. A kind within its allowance has no line; order of inputs does
 * not matter.
 */
export function priceOverage(terms: OverageTerms, usage: readonly DayUsage[]): PricedUsage {
  const lines: PricedLine[] = [];
  const unpriced: UnpricedUsage[] = [];
  for (const kind of BILLING_KINDS) {
    const ofKind = usage.filter((one) => one.kind === kind);
    if (ofKind.length === 0) continue;
    if (ofKind.some((one) => one.quantity.startsWith('-'))) throw new RangeError(`negative usage of ${kind}`);
    const allowance = allowanceOf(kind, terms.period, terms.plans, terms.addons);
    const item = terms.plan.items.find((one) => one.kind === kind);
    const parts = item ? [byPlanItem(terms, item, allowance, ofKind)] : byResourcePrice(terms, kind, allowance, ofKind);
    const withoutPrice = Fraction.sum(parts.filter((part) => part.price === null).map((part) => part.billable));
    if (!withoutPrice.isZero()) unpriced.push({ kind, quantity: withoutPrice.toDecimalText() });
    const month =
      parts.length === 1
        ? {}
        : {
            month: {
              used: Fraction.sum(parts.map((part) => part.used)).toDecimalText(),
              unpriced: withoutPrice.toDecimalText(),
            },
          };
    for (const part of parts) {
      if (part.price && !part.billable.isZero())
        lines.push(overageLine(terms, { ...part, allowance }, part.price, month));
    }
  }
  return { lines, unpriced };
}

/** Usage under no terms at all, summed by kind. */
export function totalByKind(period: Period, usage: readonly DayUsage[]): UnpricedUsage[] {
  if (usage.length === 0) return [];
  return BILLING_KINDS.flatMap((kind) => {
    const ofKind = usage.filter((one) => one.kind === kind);
    const quantity = quantityOf(kind, period, ofKind);
    return quantity.isZero() ? [] : [{ kind, quantity: quantity.toDecimalText() }];
  });
}

interface Price {
  readonly unit: string;
  readonly unitPriceCents: DecimalText;
  readonly currency: Currency;
  readonly source: PriceSource;
}

/** Usage at one price. */
interface OveragePart {
  readonly kind: BillingKind;
  readonly days: readonly ClosedDayRange[];
  readonly used: Fraction;
  readonly allowanceApplied: Fraction;
  readonly cap: DecimalText | null;
  readonly billable: Fraction;
  readonly price: Price | null;
}

function byPlanItem(
  { plan, period, billedDays }: OverageTerms,
  { kind, overagePriceCents, overageUnit: unit, hardCapQuantity }: PlanItem,
  allowance: Allowance,
  usage: readonly DayUsage[],
): OveragePart {
  const used = quantityOf(kind, period, usage);
  const allowanceApplied = Fraction.min(used, allowance.total);
  const overage = used.minus(allowanceApplied);
  const cap = hardCapQuantity && toDecimalText(new Decimal(hardCapQuantity));
  const billable = cap === null ? overage : Fraction.min(overage, Fraction.parse(cap));
  const source: PriceSource = { source: 'plan_item', planVersionId: plan.id };
  const price =
    overagePriceCents === null
      ? null
      : { unit, unitPriceCents: overagePriceCents, currency: plan.basePrice.currency, source };
  return { kind, days: billedDays, used, allowanceApplied, cap, billable, price };
}

/** No plan item: the price of each day, one part for each window of one price. The allowance covers the earliest usage first. */
function byResourcePrice(
  { plan, period, billedDays, resourcePrices }: OverageTerms,
  kind: BillingKind,
  allowance: Allowance,
  usage: readonly DayUsage[],
): OveragePart[] {
  const { currency } = plan.basePrice;
  let allowanceLeft = allowance.total;
  return priceWindows(resourcePrices, { kind, currency, period }).flatMap((window) => {
    const days = billedDays.map((range) => intersect(range, window)).filter((range) => range !== null);
    const within = usage.filter(({ day }) => window.from <= day && day < window.until);
    if (within.length === 0) return [];
    const used = quantityOf(kind, period, within);
    const allowanceApplied = Fraction.min(used, allowanceLeft);
    allowanceLeft = allowanceLeft.minus(allowanceApplied);
    return [
      { kind, days, used, allowanceApplied, cap: null, billable: used.minus(allowanceApplied), price: priceOf(window) },
    ];
  });
}

function priceOf({ price, effectiveTo }: PriceWindow): Price | null {
  if (!price) return null;
  const { id, unit, unitPriceCents, currency, effectiveFrom } = price;
  const source: PriceSource = { source: 'resource_price', resourcePriceId: id, effectiveFrom, effectiveTo };
  return { unit, unitPriceCents, currency, source };
}

function quantityOf(kind: BillingKind, period: Period, usage: readonly DayUsage[]): Fraction {
  return exactQuantity(
    kind,
    period,
    usage.map((one) => one.quantity),
  );
}

function overageLine(
  { plan }: OverageTerms,
  part: OveragePart & { readonly allowance: Allowance },
  price: Price,
  month: Pick<OverageMeta, 'month'>,
): PricedLine {
  const { kind, used, allowance, allowanceApplied, billable } = part;
  const size = unitSize(kind, price.unit);
  if (!size) throw new RangeError(`${kind} is not priced by ${price.unit}`);
  const units = billable.share(1, size.toNumber());
  const unitPriceCents = toDecimalText(new Decimal(price.unitPriceCents));
  const shown = {
    used: used.toDecimalText(),
    allowance: allowance.total.toDecimalText(),
    billable: billable.toDecimalText(),
  };
  return roundedLine<OverageMeta>(
    {
      kind: 'overage',
      billingKind: kind,
      description: `${BILLING_KIND_FACTS[kind].label}: ${printed(shown.used)} used, ${printed(shown.allowance)} included`,
      quantity: units.toDecimalText(),
      unit: price.unit,
      unitPriceCents,
    },
    price.currency,
    settleFraction(units.times(Fraction.parse(unitPriceCents))),
    {
      formula: '(used − allowance, at most cap) ÷ unit size × unit price',
      source: 'overage',
      planVersionId: plan.id,
      priceSource: price.source,
      usageDays: part.days.map(({ from, until }) => ({ from, to: addDays(until, -1) })),
      ...shown,
      allowanceParts: allowance.parts,
      allowanceApplied: allowanceApplied.toDecimalText(),
      overage: used.minus(allowanceApplied).toDecimalText(),
      cap: part.cap,
      unitSize: toDecimalText(size),
      ...exactOf({ used, allowanceApplied, billable }),
      ...month,
    },
  );
}

function exactOf(quantities: Record<keyof NonNullable<OverageMeta['exact']>, Fraction>): Pick<OverageMeta, 'exact'> {
  const { used, allowanceApplied, billable } = quantities;
  if ([used, allowanceApplied, billable].every((one) => one.isDecimal())) return {};
  return {
    exact: { used: used.toText(), allowanceApplied: allowanceApplied.toText(), billable: billable.toText() },
  };
}

/** Digits after the point of a quantity in the text of a line. */
const PRINTED_SCALE = 6;

function printed(quantity: DecimalText): DecimalText {
  if (!quantity.includes('.')) return quantity;
  return toDecimalText(new Decimal(quantity).toDecimalPlaces(PRINTED_SCALE, Decimal.ROUND_HALF_UP));
}
