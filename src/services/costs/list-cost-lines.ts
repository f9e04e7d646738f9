import { z } from 'zod';
import type { App } from '../../context.js';
import type { MatchStatus } from '../../core/costs/match.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { Currency } from '../../core/money/money.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import type { CostBucket } from '../../core/reports/reconcile.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import { type RowOf, rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { allOf, rawSql, type Sql, sql } from '../../database/sql.js';
import { CloudCostLine } from '../../entities/cloud-cost-line.js';
import { CloudInvoice } from '../../entities/cloud-invoice.js';
import { decodeCursor, encodeCursor, isDay, isUuid, pageLimit, toPage } from '../paging/keyset.js';
import type { PagedList } from '../paging/sorted-list.js';
import { isInBucket } from './line-owner.js';

const LineColumns = rowOf(CloudCostLine, [
  'lineNumber',
  'product',
  'groupDescription',
  'description',
  'kind',
  'hours',
  'startsAt',
  'endsAt',
  'projectName',
  'category',
  'matchStatus',
  'matchReason',
  'resourceId',
]);
const InvoiceColumns = rowOf(CloudInvoice, ['period']);
const CostLineRow = rowWith(LineColumns, {
  period: z.custom<Period>((value) => typeof value === 'string'),
  /** Of the invoice and the line's number: it stays when the invoice is ingested again. */
  id: z.string(),
  invoiceId: z.string(),
  amount: MoneyShape,
});
export type CostLineRow = RowOf<typeof CostLineRow>;

export interface CostLineFilter {
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly kind?: ResourceKind | null | undefined;
  readonly matchStatus?: MatchStatus | null | undefined;
  readonly invoiceId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly currency?: Currency | null | undefined;
  /** The bucket of reconciliation that the lines are in. */
  readonly bucket?: CostBucket | null | undefined;
}

type CostsApp = Pick<App, 'reads' | 'config'>;

const COLUMNS = sql`invoice.id || ':' || line.line_number as "id", invoice.id as "invoiceId",
  ${InvoiceColumns.columns('invoice')}, ${LineColumns.columns('line')},
  json_build_object('cents', line.amount_cents, 'currency', invoice.currency) as "amount"`;
const CountRow = rowShape({ count: z.int() });

/**
 * Cost lines, the newest month first, an invoice's in their order. From each invoice no more than a page is taken, so that
 * a page costs the same wherever it begins. Operators only: the resolver checks that.
 */
export function listCostLines(app: CostsApp, filter: CostLineFilter): PagedList<CostLineRow> {
  const ofInvoice = invoiceConditions(filter);
  const ofLine = lineConditions(filter, app.config.internalProject);
  return {
    async page(request) {
      const limit = pageLimit(request);
      const after = decodeCursor(request.after, [isDay, isUuid, (part) => /^\d{1,9}$/.test(part)]);
      const behind = after ? conditionsBehind(after) : null;
      const rows = await app.reads.many(
        CostLineRow,
        sql`/* list-cost-lines */ select ${COLUMNS} from cloud_invoices invoice cross join lateral (
           select * from cloud_cost_lines line where ${allOf(behind ? [...ofLine, behind.ofLine] : ofLine)}
           order by line.line_number limit ${limit}) line
         where ${allOf(behind ? [...ofInvoice, behind.ofInvoice] : ofInvoice)}
         order by invoice.period desc, invoice.id desc, line.line_number limit ${limit}`,
      );
      return toPage(request, rows, (row) => encodeCursor([row.period, row.invoiceId, String(row.lineNumber)]));
    },
    async count() {
      const isWhole = !filter.kind && !filter.matchStatus && !filter.resourceId && !filter.bucket;
      const { count } = await app.reads.one(
        CountRow,
        isWhole
          ? sql`/* count-invoices-lines */ select coalesce(sum(invoice.line_count), 0)::int as count
              from cloud_invoices invoice where ${allOf(ofInvoice)}`
          : sql`/* count-cost-lines */ select count(*)::int as count from cloud_invoices invoice
              join cloud_cost_lines line on ${allOf([...ofLine, ...ofInvoice])}`,
      );
      return count;
    },
  };
}

/** What comes after the line of a cursor. */
function conditionsBehind([period = '', invoiceId = '', lineNumber = '']: readonly string[]) {
  return {
    ofInvoice: sql`(invoice.period, invoice.id) <= (${period}::date, ${invoiceId}::uuid)`,
    ofLine: sql`line.line_number > case when invoice.id = ${invoiceId}::uuid then ${lineNumber}::int else 0 end`,
  };
}

function invoiceConditions({ period, invoiceId, currency }: CostLineFilter): Sql[] {
  const conditions = [sql`invoice.live_ingest_id is not null`];
  if (period) conditions.push(sql`invoice.period = ${parsePeriod(period, 'filter.period')}::date`);
  if (invoiceId !== null && invoiceId !== undefined)
    conditions.push(isUuid(invoiceId) ? sql`invoice.id = ${invoiceId}::uuid` : rawSql('false'));
  if (currency) conditions.push(sql`invoice.currency = ${currency}`);
  return conditions;
}

function lineConditions({ kind, matchStatus, resourceId, bucket }: CostLineFilter, internalProject: string): Sql[] {
  const conditions = [sql`line.ingest_id = invoice.live_ingest_id`];
  if (kind) conditions.push(sql`line.kind = ${kind}`);
  if (matchStatus) conditions.push(sql`line.match_status = ${matchStatus}`);
  if (resourceId) conditions.push(sql`line.resource_id = ${resourceId}::uuid`);
  if (bucket) conditions.push(isInBucket(bucket, internalProject));
  return conditions;
}
