import { draftInvoice, type TenantMonth } from '../invoices/invoice.js';
import { splitByCurrency } from '../invoices/split-by-currency.js';
import { CurrencyMismatchError } from '../money/currency-mismatch.js';
import type { Currency } from '../money/money.js';
import type { PlanVersionTerms } from '../pricing/plan.js';
import type { SubscriptionTerms } from '../pricing/price-month.js';
import { type Margin, marginOf } from './margin.js';

/** A tenant's real month, with what it cost us in the currency of its invoice. */
export interface TenantBooks {
  readonly month: TenantMonth;
  /** Those that are subscribed to the version's plan at present: the others stay as they were. */
  readonly subscriberIds: ReadonlySet<string>;
  readonly cogsCents: number;
  readonly cogsTaxCents: number;
}

export interface PriceChange {
  readonly before: Margin;
  readonly after: Margin;
  /** After less before; the cost is the same, so the margin moves by as much. */
  readonly differenceCents: number;
}

export interface PriceReplay {
  readonly overall: PriceChange;
  /** In the order of tenant ids; sums to `overall`. */
  readonly byTenant: readonly (PriceChange & { readonly tenantId: string })[];
}

/**
 * What a month would have come to had every present subscriber of the version's plan been on that version: the same engine
 * over the same usage, with the version put in the place of any other of its plan. Addons keep the price they were attached at.
 */
export function replayPlanVersion(version: PlanVersionTerms, tenants: readonly TenantBooks[]): PriceReplay {
  const { currency } = version.basePrice;
  const byTenant = tenants
    .toSorted((a, b) => (a.month.tenantId < b.month.tenantId ? -1 : 1))
    .map(({ month, subscriberIds, cogsCents, cogsTaxCents }) => {
      const marginWith = (of: TenantMonth) =>
        marginOf(currency, {
          revenue: revenueCents(of, subscriberIds, currency),
          cogs: cogsCents,
          cogsTax: cogsTaxCents,
        });
      return {
        tenantId: month.tenantId,
        ...change(marginWith(month), marginWith(withVersion(month, subscriberIds, version))),
      };
    });
  const total = (side: 'before' | 'after') => {
    const sum = (part: 'revenue' | 'cogs' | 'cogsTax') =>
      byTenant.reduce((cents, one) => cents + one[side][part].cents, 0);
    return marginOf(currency, { revenue: sum('revenue'), cogs: sum('cogs'), cogsTax: sum('cogsTax') });
  };
  return { overall: change(total('before'), total('after')), byTenant };
}

function change(before: Margin, after: Margin): PriceChange {
  return { before, after, differenceCents: after.revenue.cents - before.revenue.cents };
}

/** Of the tenant's invoice in that currency. What it is billed in another one the change does not touch. */
function revenueCents(month: TenantMonth, subscriberIds: ReadonlySet<string>, currency: Currency): number {
  const byCurrency = splitByCurrency(month.deployments);
  for (const [other, deployments] of byCurrency) {
    const isSubscriber = deployments.some((one) => one.subscriptions.length > 0 && subscriberIds.has(one.deploymentId));
    if (other !== currency && isSubscriber) {
      throw new CurrencyMismatchError(`replaying tenant ${month.tenantId}`, [other, currency]);
    }
  }
  return draftInvoice({ ...month, deployments: byCurrency.get(currency) ?? [] })?.subtotal.cents ?? 0;
}

function withVersion(month: TenantMonth, subscriberIds: ReadonlySet<string>, version: PlanVersionTerms): TenantMonth {
  const subscriptionWith = (subscription: SubscriptionTerms): SubscriptionTerms => ({
    ...subscription,
    segments: subscription.segments.map((segment) =>
      segment.plan.planCode === version.planCode ? { ...segment, plan: version } : segment,
    ),
  });
  const deployments = month.deployments.map((deployment) =>
    subscriberIds.has(deployment.deploymentId)
      ? { ...deployment, subscriptions: deployment.subscriptions.map(subscriptionWith) }
      : deployment,
  );
  return { ...month, deployments };
}
