import { BILLING_KINDS, type BillingKind } from './billing-kind.js';
import type { DecimalText } from './decimal-text.js';
import { Decimal } from './money.js';

/** Where a provider's cost line ends up, in the order in which the report prints them. */
export const COST_BUCKETS = ['tenant', 'internal', 'account_level', 'tax', 'historic', 'unexplained'] as const;
export type CostBucket = (typeof COST_BUCKETS)[number];

/** What decides the bucket of a cost line. */
export interface CostOwnership {
  /** The line's match status: matched, historic, tax, account_level, ambiguous, unmatched. */
  readonly matchStatus: string;
  /** The tenant that the line's resource belongs to, by deployment or by itself. */
  readonly tenantId: string | null;
  /** Whether the resource is in the company's own project. */
  readonly isInternal: boolean;
}

/**
 * Each line lies in exactly one bucket. A resource that is gone still belongs to its tenant where that is known; one
 * that exists but belongs neither to a tenant nor to the company's own project is unexplained, for somebody must own it.
 */
export function costBucket({ matchStatus, tenantId, isInternal }: CostOwnership): CostBucket {
  if (matchStatus === 'tax' || matchStatus === 'account_level') return matchStatus;
  if (matchStatus !== 'matched' && matchStatus !== 'historic') return 'unexplained';
  if (tenantId !== null) return 'tenant';
  if (isInternal) return 'internal';
  return matchStatus === 'historic' ? 'historic' : 'unexplained';
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

/** One deployment and billing kind, metered in the month. */
export interface MeteredUsage {
  readonly deploymentId: string;
  readonly kind: BillingKind;
  readonly quantity: DecimalText;
}

/** What the month's invoice (void ones aside) says of a deployment. */
export interface InvoicedDeployment {
  readonly deploymentId: string;
  /** `meta.used` of its overage lines, summed by kind. */
  readonly billed: readonly { readonly kind: BillingKind; readonly used: DecimalText }[];
  /** Kinds that neither the plan nor a resource price covered. */
  readonly unpricedKinds: readonly BillingKind[];
}

/**
 * - `billed`: a line was priced from just this quantity.
 * - `covered`: no line, because the allowance covers it.
 * - `changed`: a line was priced from another quantity than is metered now.
 * - `unpriced`: on the invoice's record, but without a price.
 * - `not_invoiced`: metered, and the deployment has no invoice.
 * - `not_metered`: a line was priced from usage of which there is no record.
 */
export type UsageStatus = 'billed' | 'covered' | 'changed' | 'unpriced' | 'not_invoiced' | 'not_metered';

export interface UsageFinding {
  readonly deploymentId: string;
  readonly kind: BillingKind;
  readonly status: UsageStatus;
  readonly metered: DecimalText;
  readonly invoiced: DecimalText;
}

/** Our side of the books: each (deployment, kind) that was metered or priced, once, by deployment and kind. */
export function reconcileUsage(
  metered: readonly MeteredUsage[],
  invoiced: readonly InvoicedDeployment[],
): UsageFinding[] {
  const invoices = new Map(invoiced.map((one) => [one.deploymentId, one]));
  const findings: UsageFinding[] = [];
  const seen = new Set<string>();
  for (const { deploymentId, kind, quantity } of metered) {
    seen.add(`${deploymentId} ${kind}`);
    const invoice = invoices.get(deploymentId);
    const used = invoice?.billed.find((one) => one.kind === kind)?.used;
    const status = usageStatus(invoice, kind, quantity, used);
    findings.push({ deploymentId, kind, status, metered: quantity, invoiced: used ?? '0' });
  }
  for (const { deploymentId, billed } of invoiced) {
    for (const { kind, used } of billed) {
      if (seen.has(`${deploymentId} ${kind}`)) continue;
      findings.push({ deploymentId, kind, status: 'not_metered', metered: '0', invoiced: used });
    }
  }
  return findings.sort(byDeploymentAndKind);
}

function usageStatus(
  invoice: InvoicedDeployment | undefined,
  kind: BillingKind,
  quantity: DecimalText,
  used: DecimalText | undefined,
): UsageStatus {
  if (!invoice) return 'not_invoiced';
  if (used !== undefined) return new Decimal(used).equals(quantity) ? 'billed' : 'changed';
  return invoice.unpricedKinds.includes(kind) ? 'unpriced' : 'covered';
}

function byDeploymentAndKind(a: UsageFinding, b: UsageFinding): number {
  if (a.deploymentId !== b.deploymentId) return a.deploymentId < b.deploymentId ? -1 : 1;
  return BILLING_KINDS.indexOf(a.kind) - BILLING_KINDS.indexOf(b.kind);
}
