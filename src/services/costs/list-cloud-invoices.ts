import { z } from 'zod';
import type { App } from '../../context.js';
import { totalDifference } from '../../core/costs/ingest-totals.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { CloudInvoice } from '../../entities/cloud-invoice.js';
import { isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

const OwnColumns = rowOf(CloudInvoice, [
  'id',
  'provider',
  'providerId',
  'period',
  'issuedAt',
  'ingestStatus',
  'ingestedAt',
  'ingestError',
  'lineCount',
  'pushedToFinanceAt',
  'financeInvoiceId',
  'financeError',
  'financeNextAttemptAt',
]);
const CloudInvoiceRow = rowWith(OwnColumns, {
  total: MoneyShape,
  tax: MoneyShape.nullable(),
  linesTotal: MoneyShape.nullable(),
  matchRate: z.number().nullable(),
});
export type CloudInvoiceRow = RowOf<typeof CloudInvoiceRow>;

const money = (column: string) =>
  rawSql(
    `case when invoice.${column} is not null then json_build_object('cents', invoice.${column}, 'currency', invoice.currency) end`,
  );
const COLUMNS = sql`${OwnColumns.columns('invoice')}, ${money('total_cents')} as "total", ${money('tax_cents')} as "tax",
  ${money('lines_total_cents')} as "linesTotal",
  case when invoice.line_count > 0 then invoice.matched_count::float8 / invoice.line_count end as "matchRate"`;

const cloudInvoiceList = sortedList({
  name: 'list-cloud-invoices',
  row: CloudInvoiceRow,
  select: COLUMNS,
  from: sql`cloud_invoices invoice`,
  keys: [
    { column: 'invoice.period', type: 'date' },
    { column: 'invoice.id', type: 'uuid' },
  ],
  direction: 'desc',
});

/** The provider's invoices, the newest month first. Operators only: the resolver checks that. */
export function listCloudInvoices(app: Pick<App, 'reads'>): PagedList<CloudInvoiceRow> {
  return cloudInvoiceList(app.reads, []);
}

export async function findCloudInvoices(app: Pick<App, 'reads'>, ids: readonly string[]): Promise<CloudInvoiceRow[]> {
  return app.reads.many(
    CloudInvoiceRow,
    sql`/* find-cloud-invoices */ select ${COLUMNS} from cloud_invoices invoice
      where invoice.id = any(${ids.filter(isUuid)}::uuid[])`,
  );
}

/** By how much the lines differ from the stated total; null if they agree, and before the first ingest. */
export function differenceOf({ linesTotal, total, lineCount }: CloudInvoiceRow): string | null {
  if (linesTotal === null) return null;
  return totalDifference({ totalCents: linesTotal.cents, lineCount, taxCents: 0 }, total.cents);
}

/** Why finance does not have the invoice; null if it does, if no push was tried, or if finance is not configured. */
export function financeProblemOf(app: Pick<App, 'finance'>, row: CloudInvoiceRow): string | null {
  if (!app.finance) return null;
  const difference = differenceOf(row);
  return difference === null ? row.financeError : `Held back until they agree. ${difference}`;
}
