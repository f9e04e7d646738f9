import { MATCH_STATUSES, type MatchStatus } from '../costs/match.js';
import type { DecimalText } from '../money/decimal-text.js';
import { Decimal } from '../money/money.js';

/** Where a provider's cost line ends up, in the order in which the report prints them. */
export const COST_BUCKETS = ['tenant', 'internal', 'account_level', 'tax', 'historic', 'unexplained'] as const;
export type CostBucket = (typeof COST_BUCKETS)[number];

/** Whose a line's resource is: of a tenant (by deployment or by itself), in the company's own project, or neither. */
export const COST_OWNERS = ['tenant', 'internal', 'nobody'] as const;
export type CostOwner = (typeof COST_OWNERS)[number];

/** What decides the bucket of a cost line. */
export interface CostOwnership {
  readonly matchStatus: MatchStatus;
  readonly owner: CostOwner;
}

/**
 * Each line lies in exactly one bucket. A resource that is gone still belongs to its tenant where that is known; one
 * that exists but belongs neither to a tenant nor to the company's own project is unexplained, for somebody must own it.
 */
export function costBucket({ matchStatus, owner }: CostOwnership): CostBucket {
  if (matchStatus === 'tax' || matchStatus === 'account_level') return matchStatus;
  if (matchStatus !== 'matched' && matchStatus !== 'historic') return 'unexplained';
  if (owner !== 'nobody') return owner;
  return matchStatus === 'historic' ? 'historic' : 'unexplained';
}

/** Everything that lies in a bucket. */
export function ownershipsIn(bucket: CostBucket): CostOwnership[] {
  return MATCH_STATUSES.flatMap((matchStatus) => COST_OWNERS.map((owner) => ({ matchStatus, owner }))).filter(
    (ownership) => costBucket(ownership) === bucket,
  );
}

export interface BucketSum {
  readonly lineCount: number;
  readonly cents: number;
}

export interface CostReconciliation {
  readonly buckets: Readonly<Record<CostBucket, BucketSum>>;
  readonly linesTotal: BucketSum;
  /** What the provider's invoices say in their headers. */
  readonly invoicedCents: number;
  /** Headers less lines; zero where every cent is explained. */
  readonly differenceCents: number;
}

/** Every bucket, the empty ones too, against the headers of the invoices; all in the provider's currency. */
export function reconcileCosts(
  rows: readonly (BucketSum & { readonly bucket: CostBucket })[],
  invoicedCents: number,
): CostReconciliation {
  const sumOf = (of: readonly BucketSum[]): BucketSum => ({
    lineCount: of.reduce((sum, row) => sum + row.lineCount, 0),
    cents: of.reduce((sum, row) => sum + row.cents, 0),
  });
  const linesTotal = sumOf(rows);
  return {
    buckets: Object.fromEntries(
      COST_BUCKETS.map((bucket) => [bucket, sumOf(rows.filter((row) => row.bucket === bucket))]),
    ) as Record<CostBucket, BucketSum>,
    linesTotal,
    invoicedCents,
    differenceCents: invoicedCents - linesTotal.cents,
  };
}

export const USAGE_STATUSES = ['billed', 'covered', 'changed', 'unpriced', 'not_invoiced', 'not_metered'] as const;
/**
 * What became of one billing kind of one deployment in a month:
 * - `billed`: a line was priced from just this quantity.
 * - `covered`: no line, because the allowance covers it, or because there is nothing to bill.
 * - `changed`: what is metered now is not what the invoice was drafted from.
 * - `unpriced`: beyond the allowance, all or a part of it without a price.
 * - `not_invoiced`: metered, and the deployment has no invoice.
 * - `not_metered`: a line was priced from usage of which there is no record.
 */
export type UsageStatus = (typeof USAGE_STATUSES)[number];

/** Whether usage beyond the allowance has a price: on no day, on some, on all; or is given away by a cap of zero. */
export const PRICINGS = ['never', 'partly', 'always', 'free'] as const;
export type Pricing = (typeof PRICINGS)[number];

/** Two quantities that differ by no more are the same: lines show 12 digits of what they were priced from. */
export const DUST = '0.000000001';

export interface UsageFacts {
  /** On billed days; null: no record. */
  readonly metered: DecimalText | null;
  /** What the lines of the month's invoice (void ones aside) were priced from; null: there is no line. */
  readonly billed: DecimalText | null;
  /** On days without a live subscription; left out: none. */
  readonly unbilled?: DecimalText;
  /** What those lines say that no price covers; left out: nothing. */
  readonly unpriced?: DecimalText;
  /** Whether the deployment is on an invoice of the month. */
  readonly isInvoiced: boolean;
  /** Of the plan and the addons that the invoice bills. */
  readonly allowance: DecimalText;
  readonly pricing: Pricing;
}

/** The set-based statement of `reconcile-usage.ts` is tested against this. */
export function usageStatus(facts: UsageFacts): UsageStatus {
  const { metered, billed, unbilled = '0', unpriced = '0', isInvoiced, allowance, pricing } = facts;
  if (metered === null) return 'not_metered';
  if (billed !== null) {
    if (new Decimal(unpriced).gt(0)) return 'unpriced';
    if (new Decimal(metered).minus(billed).abs().lte(DUST)) return 'billed';
    return pricing === 'partly' ? 'unpriced' : 'changed';
  }
  if (new Decimal(metered).plus(unbilled).isZero()) return 'covered';
  if (!isInvoiced) return 'not_invoiced';
  if (pricing === 'free' || new Decimal(metered).lte(allowance)) return 'covered';
  return pricing === 'never' ? 'unpriced' : 'changed';
}
