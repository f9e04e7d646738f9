import { BILLING_KIND_FACTS, BILLING_KINDS, type BillingKind, unitSize } from './billing-kind.js';
import { type DecimalText, sumDecimals, toDecimalText } from './decimal-text.js';
import { settle } from './exact-cents.js';
import { type Currency, Decimal } from './money.js';
import type { Day } from './period.js';
import { type AddonTerms, type PlanItem, type PlanVersionTerms, type ResourcePrice, resourcePriceOn } from './plan.js';
import { type AllowancePart, type OverageMeta, type PricedLine, type PriceSource, settledLine } from './priced-line.js';

/** Usage of one kind; the day chooses the resource price. Days of one price may be summed beforehand. */
export interface DayUsage {
  readonly kind: BillingKind;
  readonly day: Day;
  readonly quantity: DecimalText;
}

/** Usage that neither the plan nor a resource price covers: shown, never dropped. */
export interface UnpricedUsage {
  readonly kind: BillingKind;
  readonly quantity: DecimalText;
}

/** What the usage of a month is measured against. */
export interface OverageTerms {
  readonly plan: PlanVersionTerms;
  readonly addons: readonly AddonTerms[];
  readonly resourcePrices: readonly ResourcePrice[];
}

export interface PricedUsage {
  readonly lines: readonly PricedLine[];
  readonly unpriced: readonly UnpricedUsage[];
}

/** Usage beyond the allowance of each kind. A kind within its allowance has no line; order of inputs does not matter. */
export function priceOverage(terms: OverageTerms, usage: readonly DayUsage[]): PricedUsage {
  const lines: PricedLine[] = [];
  const unpriced: UnpricedUsage[] = [];
  for (const kind of BILLING_KINDS) {
    const ofKind = usage.filter((one) => one.kind === kind);
    if (ofKind.some((one) => new Decimal(one.quantity).isNegative())) throw new RangeError(`negative usage of ${kind}`);
    const item = terms.plan.items.find((one) => one.kind === kind);
    for (const part of item ? [byPlanItem(terms, item, ofKind)] : byResourcePrice(terms, kind, ofKind)) {
      if (part.billable.isZero()) continue;
      if (part.price) lines.push(overageLine(terms, part, part.price));
      else unpriced.push({ kind, quantity: toDecimalText(part.billable) });
    }
  }
  return { lines, unpriced };
}

/** Usage under no terms at all, summed by kind. */
export function unpricedUsage(usage: readonly DayUsage[]): UnpricedUsage[] {
  return BILLING_KINDS.flatMap((kind) => {
    const quantity = sumDecimals(usage.filter((one) => one.kind === kind).map((one) => one.quantity));
    return quantity.isZero() ? [] : [{ kind, quantity: toDecimalText(quantity) }];
  });
}

interface Price {
  readonly unit: string;
  readonly unitPriceCents: DecimalText;
  readonly currency: Currency;
  readonly source: PriceSource;
}

interface OveragePart {
  readonly kind: BillingKind;
  readonly used: Decimal;
  readonly allowanceParts: readonly AllowancePart[];
  readonly allowanceApplied: Decimal;
  readonly cap: Decimal | null;
  readonly billable: Decimal;
  readonly price: Price | null;
}

function byPlanItem({ plan, addons }: OverageTerms, item: PlanItem, usage: readonly DayUsage[]): OveragePart {
  const { kind, overagePriceCents, overageUnit: unit } = item;
  const cap = item.hardCapQuantity === null ? null : new Decimal(item.hardCapQuantity);
  const used = sumDecimals(usage.map((one) => one.quantity));
  const allowanceParts: AllowancePart[] = [
    { source: 'plan', quantity: toDecimalText(new Decimal(item.includedQuantity)) },
    ...addonAllowance(addons, kind),
  ];
  const allowanceApplied = Decimal.min(used, totalOf(allowanceParts));
  const overage = used.minus(allowanceApplied);
  const billable = cap === null ? overage : Decimal.min(overage, cap);
  const source: PriceSource = { source: 'plan_item', planVersionId: plan.id };
  const price =
    overagePriceCents === null
      ? null
      : { unit, unitPriceCents: overagePriceCents, currency: plan.basePrice.currency, source };
  return { kind, used, allowanceParts, allowanceApplied, cap, billable, price };
}

/** No plan item: the price of each day, one part for each price. Addons of the kind cover the earliest usage first. */
function byResourcePrice(terms: OverageTerms, kind: BillingKind, usage: readonly DayUsage[]): OveragePart[] {
  const allowanceParts = addonAllowance(terms.addons, kind);
  const { currency } = terms.plan.basePrice;
  let allowanceLeft = totalOf(allowanceParts);
  const parts = new Map<ResourcePrice | null, OveragePart>();
  for (const { day, quantity } of usage.toSorted((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0))) {
    const resourcePrice = resourcePriceOn(terms.resourcePrices, { kind, currency, day });
    const applied = Decimal.min(quantity, allowanceLeft);
    allowanceLeft = allowanceLeft.minus(applied);
    const sofar = parts.get(resourcePrice);
    const used = new Decimal(quantity).plus(sofar?.used ?? 0);
    const allowanceApplied = applied.plus(sofar?.allowanceApplied ?? 0);
    const price = resourcePrice && priceOf(resourcePrice);
    const billable = used.minus(allowanceApplied);
    parts.set(resourcePrice, { kind, used, allowanceParts, allowanceApplied, cap: null, billable, price });
  }
  return [...parts.values()];
}

function priceOf({ id, unit, unitPriceCents, currency, effectiveFrom }: ResourcePrice): Price {
  return { unit, unitPriceCents, currency, source: { source: 'resource_price', resourcePriceId: id, effectiveFrom } };
}

function addonAllowance(addons: readonly AddonTerms[], kind: BillingKind): AllowancePart[] {
  return addons
    .filter((addon) => addon.kind === kind)
    .map((addon) => ({ source: 'addon', addonCode: addon.code, quantity: toDecimalText(new Decimal(addon.quantity)) }));
}

function totalOf(parts: readonly AllowancePart[]): Decimal {
  return sumDecimals(parts.map((part) => part.quantity));
}

function overageLine({ plan }: OverageTerms, part: OveragePart, price: Price): PricedLine {
  const size = unitSize(part.kind, price.unit);
  if (!size) throw new RangeError(`${part.kind} is not priced by ${price.unit}`);
  const units = part.billable.div(size);
  const unitPriceCents = new Decimal(price.unitPriceCents);
  const [used, allowance] = [toDecimalText(part.used), toDecimalText(totalOf(part.allowanceParts))];
  return settledLine<OverageMeta>(
    {
      kind: 'overage',
      billingKind: part.kind,
      description: `${BILLING_KIND_FACTS[part.kind].label}: ${used} used, ${allowance} included`,
      quantity: toDecimalText(units),
      unit: price.unit,
      unitPriceCents: toDecimalText(unitPriceCents),
    },
    price.currency,
    settle(units.times(unitPriceCents)),
    {
      formula: '(used − allowance, at most cap) ÷ unit size × unit price',
      source: 'overage',
      planVersionId: plan.id,
      priceSource: price.source,
      used,
      allowance,
      allowanceParts: part.allowanceParts,
      allowanceApplied: toDecimalText(part.allowanceApplied),
      overage: toDecimalText(part.used.minus(part.allowanceApplied)),
      cap: part.cap && toDecimalText(part.cap),
      billable: toDecimalText(part.billable),
      unitSize: toDecimalText(size),
    },
  );
}
