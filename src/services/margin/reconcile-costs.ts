import type { App } from '../../context.js';
import type { Currency } from '../../core/money.js';
import type { Period } from '../../core/period.js';
import { type BucketSum, type CostBucket, type CostReconciliation, reconcileCosts } from '../../core/reconcile.js';

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

interface BucketRow {
  readonly invoiceId: string;
  readonly bucket: CostBucket;
  readonly lineCount: number;
  readonly cents: string;
}

/** The same as `costBucket` in core, of `line` and its `resource`, `deployment` and `project`. */
export const BUCKET_SQL = `case
  when line.match_status in ('tax', 'account_level') then line.match_status
  when line.match_status not in ('matched', 'historic') then 'unexplained'
  when coalesce(deployment.tenant_id, resource.tenant_id) is not null then 'tenant'
  when project.name = $2 then 'internal'
  when line.match_status = 'historic' then 'historic' else 'unexplained' end`;

export const OWNERS_SQL = `left join cloud_resources resource on resource.id = line.resource_id
  left join deployments deployment on deployment.id = resource.deployment_id
  left join cloud_projects project on project.id = resource.cloud_project_id`;

/** One for each currency that the provider billed the month in. */
export async function reconcileProvider(
  app: Pick<App, 'reads' | 'config'>,
  period: Period,
): Promise<CurrencyReconciliation[]> {
  const [headers, buckets] = await Promise.all([
    app.reads.query<HeaderRow>(
      `select id, currency, total_cents::text as cents from cloud_invoices where period = $1::date order by issued_at, id`,
      [period],
    ),
    app.reads.query<BucketRow>(
      `with line as (
         select invoice_id, resource_id, match_status, count(*) as count, sum(amount_cents) as cents
         from live_cost_lines where period = $1::date group by invoice_id, resource_id, match_status
       )
       select line.invoice_id as "invoiceId", ${BUCKET_SQL} as bucket, sum(line.count)::int as "lineCount", sum(line.cents)::text as cents
       from line ${OWNERS_SQL} group by 1, 2`,
      [period, app.config.internalProject],
    ),
  ]);
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
    const sums = buckets.filter((row) => ids.has(row.invoiceId)).map((row) => ({ ...row, cents: Number(row.cents) }));
    const invoicedCents = invoices.reduce((sum, invoice) => sum + invoice.invoicedCents, 0);
    return { currency, invoices, ...reconcileCosts(sums, invoicedCents) };
  });
}

function reconcileInvoice({ id, currency, cents }: HeaderRow, rows: readonly BucketRow[]): InvoiceReconciliation {
  const sums = rows.map((row) => ({ ...row, cents: Number(row.cents) }));
  const { linesTotal, invoicedCents, differenceCents } = reconcileCosts(sums, Number(cents));
  return { cloudInvoiceId: id, currency, invoicedCents, linesTotal, differenceCents };
}
