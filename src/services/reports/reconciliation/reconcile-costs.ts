import { z } from 'zod';
import type { App } from '../../../context.js';
import type { Currency } from '../../../core/money/money.js';
import {
  type BucketSum,
  COST_OWNERS,
  type CostBucket,
  type CostReconciliation,
  costBucket,
  reconcileCosts,
} from '../../../core/reports/reconcile.js';
import type { Period } from '../../../core/time/period.js';
import { type RowOf, rowOf, rowWith } from '../../../database/row-shape.js';
import { sql } from '../../../database/sql.js';
import { CloudCostLine } from '../../../entities/cloud-cost-line.js';
import { CloudInvoice } from '../../../entities/cloud-invoice.js';
import { ownerOf } from '../../costs/line-owner.js';

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

const HeaderRow = rowWith(rowOf(CloudInvoice, ['id', 'currency']), { cents: z.string() });
type HeaderRow = RowOf<typeof HeaderRow>;
const OwnedRow = rowWith(rowOf(CloudCostLine, ['matchStatus']), {
  invoiceId: z.string(),
  owner: z.enum(COST_OWNERS),
  lineCount: z.int(),
  cents: z.string(),
});

type Bucketed = BucketSum & { readonly bucket: CostBucket };

/** One for each currency that the provider billed the month in. */
export async function reconcileProvider(
  app: Pick<App, 'reads' | 'config'>,
  period: Period,
): Promise<CurrencyReconciliation[]> {
  const [headers, owned] = await Promise.all([
    app.reads.reports.many(
      HeaderRow,
      sql`/* reconciled-invoices */ select id, currency, total_cents::text as cents from cloud_invoices
        where period = ${period}::date order by issued_at, id`,
    ),
    app.reads.reports.many(
      OwnedRow,
      sql`/* reconciled-lines */ select line.invoice_id as "invoiceId", line.match_status as "matchStatus",
         ${ownerOf(app.config.internalProject)} as owner, count(*)::int as "lineCount", sum(line.amount_cents)::text as cents
       from live_cost_lines line left join cloud_resources resource on resource.id = line.resource_id
       where line.period = ${period}::date group by 1, 2, 3`,
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
