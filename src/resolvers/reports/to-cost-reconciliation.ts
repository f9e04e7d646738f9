import type { Money } from '../../core/money/money.js';
import { type BucketSum, COST_BUCKETS, type CostBucket } from '../../core/reports/reconcile.js';
import type { Period } from '../../core/time/period.js';
import type {
  CurrencyReconciliation,
  InvoiceReconciliation,
} from '../../services/reports/reconciliation/reconcile-costs.js';

/** Cents with their currency, as the API shows them. */
export function toCostReconciliation(period: Period, costs: CurrencyReconciliation) {
  const { currency, buckets, invoices } = costs;
  return {
    ...totalsOf(costs),
    currency,
    buckets: COST_BUCKETS.map((bucket) => {
      const { lineCount, cents } = buckets[bucket];
      return { bucket, period, lineCount, amount: { cents, currency } };
    }),
    invoices: invoices.map((invoice) => ({ ...totalsOf(invoice), cloudInvoiceId: invoice.cloudInvoiceId })),
  };
}

/** What a bucket's lines are listed by. */
export interface BucketOfMonth {
  readonly period: Period;
  readonly bucket: CostBucket;
  readonly amount: Money;
}

type Totals = Pick<InvoiceReconciliation, 'currency' | 'invoicedCents' | 'differenceCents'> & {
  readonly linesTotal: BucketSum;
};

function totalsOf({ currency, invoicedCents, differenceCents, linesTotal }: Totals) {
  const money = (cents: number): Money => ({ cents, currency });
  return {
    invoiced: money(invoicedCents),
    difference: money(differenceCents),
    linesTotal: money(linesTotal.cents),
    lineCount: linesTotal.lineCount,
  };
}
