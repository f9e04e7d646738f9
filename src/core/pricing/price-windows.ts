import type { BillingKind } from '../metering/billing-kind.js';
import type { Currency } from '../money/money.js';
import { type ClosedDayRange, type Day, nextPeriod, type Period } from '../time/period.js';
import { type ResourcePrice, resourcePriceOn } from './plan.js';

/** Days of a month on which one kind has one price. */
export interface PriceWindow extends ClosedDayRange {
  /** The first of the prices that are the same; null: there is none on those days. */
  readonly price: ResourcePrice | null;
  /** The first day on which it no longer holds, maybe after the month; null: none known. */
  readonly effectiveTo: Day | null;
}

/** The month cut where the kind's own price changes; a price that is set again as it was cuts nothing. In order. */
export function priceWindows(
  prices: readonly ResourcePrice[],
  { kind, currency, period }: { kind: BillingKind; currency: Currency; period: Period },
): PriceWindow[] {
  const end = nextPeriod(period);
  const own = prices.filter((price) => price.kind === kind && price.currency === currency);
  const cuts = own
    .flatMap(({ effectiveFrom, effectiveTo }) =>
      effectiveTo === null ? [effectiveFrom] : [effectiveFrom, effectiveTo],
    )
    .filter((day) => day > period && day < end);
  const starts = [...new Set<Day>([period, ...cuts])].sort();
  const windows: PriceWindow[] = [];
  for (const [i, from] of starts.entries()) {
    const price = resourcePriceOn(own, { kind, currency, day: from });
    const until = starts[i + 1] ?? end;
    const effectiveTo = price?.effectiveTo ?? null;
    const last = windows.at(-1);
    if (last && isSamePrice(last.price, price)) windows[windows.length - 1] = { ...last, until, effectiveTo };
    else windows.push({ from, until, price, effectiveTo });
  }
  return windows;
}

function isSamePrice(a: ResourcePrice | null, b: ResourcePrice | null): boolean {
  return a?.unit === b?.unit && a?.unitPriceCents === b?.unitPriceCents;
}
