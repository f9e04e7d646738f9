import type { Money } from '../money/money.js';
import type { MarginReport } from './margin.js';

/** One tenant's margin, nobody's, or (undefined id) the whole, at this month's rate and at the rate of the month before. */
export interface FxEffect {
  readonly margin: Money;
  readonly marginAtPreviousRate: Money;
  /** What the move of the rate alone did: the first less the second. The rest of any change is business. */
  readonly fxEffect: Money;
}

export interface FxEffects {
  readonly overall: FxEffect;
  /** Sums to `overall`. */
  readonly byTenant: readonly (FxEffect & { readonly tenantId: string | null })[];
}

/** Two reports over the same books that differ in the rate alone; whoever is in one is in the other. */
export function fxEffects(atMonthRate: MarginReport, atPreviousRate: MarginReport): FxEffects {
  const before = new Map(atPreviousRate.byTenant.map((one) => [one.tenantId, one.margin.margin]));
  return {
    overall: effect(atMonthRate.overall.margin, atPreviousRate.overall.margin),
    byTenant: atMonthRate.byTenant.map(({ tenantId, margin }) => {
      const previous = before.get(tenantId);
      if (!previous) throw new RangeError(`tenant ${tenantId} is missing at the previous rate`);
      return { tenantId, ...effect(margin.margin, previous) };
    }),
  };
}

function effect(margin: Money, marginAtPreviousRate: Money): FxEffect {
  const cents = margin.cents - marginAtPreviousRate.cents;
  return { margin, marginAtPreviousRate, fxEffect: { cents, currency: margin.currency } };
}
