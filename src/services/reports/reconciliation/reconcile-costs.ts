import type { App } from '../../../context.js';
import type { Currency } from '../../../core/money/money.js';
import {
  type BucketSum,
  type CostBucket,
  type CostOwnership,
  type CostReconciliation,
  costBucket,
  reconcileCosts,
} from '../../../core/reports/reconcile.js';
import type { Period } from '../../../core/time/period.js';
import { ownerSql } from '../../costs/line-owner.js';

/** One invoice of the provider beside its lines. */
export interface InvoiceReconciliation {
  readonly cloudInvoiceId: string;
  readonly currency: Currency;
  /** What its header says. */
  readonly invoicedCents: number;
  readonly linesTotal: BucketSum;
  /** Header less lines: all of it before the ingest. */
  readonly differenceCents: number;
}

/** The provider's lines of a month in one currency, each in one bucket, against the headers of its invoices. */
export interface CurrencyReconciliation extends CostReconciliation {
  readonly currency: Currency;
  readonly invoices: readonly InvoiceReconciliation[];
}

interface HeaderRow {
  readonly id: string;
  readonly currency: Currency;
  readonly cents: string;
}

interface OwnedRow extends CostOwnership {
  readonly invoiceId: string;
  readonly lineCount: number;
  readonly cents: string;
}

type Bucketed = BucketSum & { readonly bucket: CostBucket };

/** One for each currency that the provider billed the month in. */
export async function reconcileProvider(
  app: Pick<App, 'reads' | 'config'>,
  period: Period,
): Promise<CurrencyReconciliation[]> {
  const [headers, owned] = await Promise.all([
    app.reads.reports.query<HeaderRow>(
      `select id, currency, total_cents::text as cents from cloud_invoices where period = $1::date order by issued_at, id`,
      [period],
    ),
    app.reads.reports.query<OwnedRow>(
      `select line.invoice_id as "invoiceId", line.match_status as "matchStatus", ${ownerSql('$2')} as owner, count(*)::int as "lineCount",
         sum(line.amount_cents)::text as cents
       from live_cost_lines line left join cloud_resources resource on resource.id = line.resource_id
       where line.period = $1::date group by 1, 2, 3`,
      [period, app.config.internalProject],
    ),
  ]);
  const buckets = owned.map((row) => ({ ...row, bucket: costBucket(row), cents: Number(row.cents) }));
  const currencies = [...new Set(headers.map((header) => header.currency))].sort();
  return currencies.map((currency) => {
    const own = headers.filter((header) => header.currency === currency);
    const invoices = own.map((header) => {
      return reconcileInvoice(
        header,
        buckets.filter((row) => row.invoiceId === header.id),
      );
    });
    const ids = new Set(own.map((header) => header.id));
    const sums = buckets.filter((row) => ids.has(row.invoiceId));
    const invoicedCents = invoices.reduce((sum, invoice) => sum + invoice.invoicedCents, 0);
    return { currency, invoices, ...reconcileCosts(sums, invoicedCents) };
  });
}

function reconcileInvoice({ id, currency, cents }: HeaderRow, sums: readonly Bucketed[]): InvoiceReconciliation {
  const { linesTotal, invoicedCents, differenceCents } = reconcileCosts(sums, Number(cents));
  return { cloudInvoiceId: id, currency, invoicedCents, linesTotal, differenceCents };
}
