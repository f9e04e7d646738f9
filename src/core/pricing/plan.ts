import type { BillingKind } from '../metering/billing-kind.js';
import type { DecimalText } from '../money/decimal-text.js';
import type { Currency, Money } from '../money/money.js';
import type { Day } from '../time/period.js';

export const PLAN_VERSION_STATUSES = ['draft', 'active', 'retired'] as const;
export type PlanVersionStatus = (typeof PLAN_VERSION_STATUSES)[number];

/** What a plan version includes of one billing kind, and what more of it costs. At most one a kind. */
export interface PlanItem {
  readonly kind: BillingKind;
  readonly includedQuantity: DecimalText;
  readonly overageUnit: string;
  /** Cents for one overage unit, maybe a fraction of one. Null: the plan sets no price, so overage shows as unpriced. */
  readonly overagePriceCents: DecimalText | null;
  /** The most overage, in base units, that is ever billed; null: no cap. */
  readonly hardCapQuantity: DecimalText | null;
}

/** What a tenant may provision under a plan version. Operators are not limited. */
export interface PlanAllowance {
  /** Size slugs; empty: nothing may be provisioned. */
  readonly allowedSizes: readonly string[];
  /** Deployments of one tenant that may be on the plan at once; null: no limit. */
  readonly maxDeployments: number | null;
}

/** What a subscription is priced by: one version of a plan, immutable once published. */
export interface PlanVersionTerms {
  readonly id: string;
  readonly planCode: string;
  readonly planName: string;
  readonly version: number;
  readonly basePrice: Money;
  readonly items: readonly PlanItem[];
}

/** An addon as it stood when it was attached; a later change of the catalog leaves it alone. */
export interface AddonTerms {
  readonly code: string;
  readonly name: string;
  readonly kind: BillingKind;
  readonly quantity: DecimalText;
  readonly price: Money;
}

/** The price of what no plan item covers, in force from one day up to another, which it excludes. */
export interface ResourcePrice {
  readonly id: string;
  readonly kind: BillingKind;
  readonly unit: string;
  readonly unitPriceCents: DecimalText;
  readonly currency: Currency;
  readonly effectiveFrom: Day;
  /** The first day on which it no longer holds; null: none known. */
  readonly effectiveTo: Day | null;
}

/** The price in force on a day in a currency; null where there is none. Of several, the one that began last. */
export function resourcePriceOn(
  prices: readonly ResourcePrice[],
  wanted: { kind: BillingKind; currency: Currency; day: Day },
): ResourcePrice | null {
  let found: ResourcePrice | null = null;
  for (const price of prices) {
    const holds =
      price.kind === wanted.kind &&
      price.currency === wanted.currency &&
      price.effectiveFrom <= wanted.day &&
      (price.effectiveTo === null || wanted.day < price.effectiveTo);
    if (holds && (found === null || startedLater(price, found))) found = price;
  }
  return found;
}

function startedLater(a: ResourcePrice, b: ResourcePrice): boolean {
  return a.effectiveFrom === b.effectiveFrom ? a.id > b.id : a.effectiveFrom > b.effectiveFrom;
}
