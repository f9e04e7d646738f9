import { draftInvoice, type TenantMonth } from '../invoices/invoice.js';
import { splitByCurrency } from '../invoices/split-by-currency.js';
import { type AmountProblem, requireExactCents } from '../money/amount-limit.js';
import { CurrencyMismatchError } from '../money/currency-mismatch.js';
import type { Currency } from '../money/money.js';
import type { PlanVersionTerms } from '../pricing/plan.js';
import type { SubscriptionTerms } from '../pricing/price-month.js';
import { type Margin, marginOf } from './margin.js';
import { isTenantProblem } from './tenant-problem.js';

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
  /** Tenants that are left out. */
  readonly problems: readonly AmountProblem[];
}

/**
 * What a month would have come to had every present subscriber of the version's plan been on that version: the same engine
 * over the same usage, with the version put in the place of any other of its plan. Addons keep the price they were attached at.
 */
export function replayPlanVersion(version: PlanVersionTerms, tenants: readonly TenantBooks[]): PriceReplay {
  const { currency } = version.basePrice;
  const byTenant: (PriceChange & { tenantId: string })[] = [];
  const problems: AmountProblem[] = [];
  let [before, after] = [NOTHING, NOTHING];
  for (const tenant of tenants.toSorted((a, b) => (a.month.tenantId < b.month.tenantId ? -1 : 1))) {
    const { tenantId } = tenant.month;
    rejectOtherCurrency(tenant, currency);
    try {
      const own = replayTenant(version, tenant);
      const sums = [addMargin(before, own.before), addMargin(after, own.after)] as const;
      byTenant.push({ tenantId, ...own });
      [before, after] = sums;
    } catch (error) {
      if (!isTenantProblem(error)) throw error;
      problems.push({ tenantId, deploymentId: null, message: error.message });
    }
  }
  return { overall: change(marginOf(currency, before), marginOf(currency, after)), byTenant, problems };
}

interface Sums {
  readonly revenue: number;
  readonly cogs: number;
  readonly cogsTax: number;
}

const NOTHING: Sums = { revenue: 0, cogs: 0, cogsTax: 0 };

/** Throws AmountTooLargeError if a sum has no exact number of cents. */
function addMargin(sums: Sums, { revenue, cogs, cogsTax }: Margin): Sums {
  const add = (cents: number, more: number, name: string) =>
    requireExactCents(cents + more, `The ${name} of all tenants`);
  const total = {
    revenue: add(sums.revenue, revenue.cents, 'revenue'),
    cogs: add(sums.cogs, cogs.cents, 'cost'),
    cogsTax: add(sums.cogsTax, cogsTax.cents, 'tax on costs'),
  };
  requireExactCents(total.revenue - total.cogs, 'The margin of all tenants');
  return total;
}

function replayTenant(
  version: PlanVersionTerms,
  { month, subscriberIds, cogsCents, cogsTaxCents }: TenantBooks,
): PriceChange {
  const { currency } = version.basePrice;
  const marginWith = (of: TenantMonth) =>
    marginOf(currency, {
      revenue: revenueCents(of, currency),
      cogs: requireExactCents(cogsCents, 'The cost'),
      cogsTax: requireExactCents(cogsTaxCents, 'The tax on costs'),
    });
  return change(marginWith(month), marginWith(withVersion(month, subscriberIds, version)));
}

function change(before: Margin, after: Margin): PriceChange {
  return { before, after, differenceCents: after.revenue.cents - before.revenue.cents };
}

/** Throws CurrencyMismatchError if a subscriber is billed in another currency than the version's. */
function rejectOtherCurrency({ month, subscriberIds }: TenantBooks, currency: Currency): void {
  for (const [other, deployments] of splitByCurrency(month.deployments)) {
    const isSubscriber = deployments.some((one) => one.subscriptions.length > 0 && subscriberIds.has(one.deploymentId));
    if (other !== currency && isSubscriber) {
      throw new CurrencyMismatchError(`replaying tenant ${month.tenantId}`, [other, currency]);
    }
  }
}

/** The subtotal of the tenant's invoice in that currency: the change does not touch invoices in other currencies. */
function revenueCents(month: TenantMonth, currency: Currency): number {
  const deployments = splitByCurrency(month.deployments).get(currency) ?? [];
  return draftInvoice({ ...month, deployments })?.subtotal.cents ?? 0;
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
