import type { App } from '../../context.js';
import type { MatchStatus } from '../../core/costs/match.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import type { CostBucket } from '../../core/reports/reconcile.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import { Parameters } from '../../database/reads.js';
import {
  decodeCursor,
  encodeCursor,
  isDay,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';
import { inBucketSql } from './line-owner.js';

export interface CostLineRow {
  /** Of the invoice and the line in it: the same when the invoice is ingested anew. */
  readonly id: string;
  readonly invoiceId: string;
  readonly lineNumber: number;
  readonly period: Period;
  readonly product: string;
  readonly groupDescription: string | null;
  readonly description: string;
  readonly kind: ResourceKind | null;
  readonly hours: string | null;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly amount: Money;
  readonly projectName: string | null;
  readonly category: string | null;
  readonly matchStatus: MatchStatus;
  readonly matchReason: string;
  readonly resourceId: string | null;
}

export interface CostLineFilter {
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly kind?: ResourceKind | null | undefined;
  readonly matchStatus?: MatchStatus | null | undefined;
  readonly invoiceId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly currency?: Currency | null | undefined;
  /** Where reconciliation puts them. */
  readonly bucket?: CostBucket | null | undefined;
}

type CostsApp = Pick<App, 'reads' | 'config'>;

interface Conditions {
  readonly ofInvoice: string[];
  readonly ofLine: string[];
}

const SELECT = `select invoice.id || ':' || line.line_number as id, invoice.id as "invoiceId", line.line_number as "lineNumber",
  invoice.period::text as period, line.product, line.group_description as "groupDescription", line.description, line.kind,
  line.hours::text as hours, line.starts_at as "startsAt", line.ends_at as "endsAt",
  json_build_object('cents', line.amount_cents, 'currency', invoice.currency) as amount, line.project_name as "projectName",
  line.category, line.match_status as "matchStatus", line.match_reason as "matchReason", line.resource_id as "resourceId"`;

/**
 * Cost lines, the newest month first, an invoice's in their order. From each invoice no more than a page is taken, so that
 * a page costs the same wherever it begins. Operators only: the resolver sees to that.
 */
export async function listCostLines(
  app: CostsApp,
  filter: CostLineFilter,
  request: PageRequest,
): Promise<Page<CostLineRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isDay, isUuid, (part) => /^\d{1,9}$/.test(part)]);
  const parameters = new Parameters();
  const { ofInvoice, ofLine } = conditionsOf(app, filter, parameters);
  if (after) {
    const [period, invoiceId, lineNumber] = [
      `${parameters.add(after[0])}::date`,
      `${parameters.add(after[1])}::uuid`,
      `${parameters.add(after[2])}::int`,
    ];
    ofInvoice.push(`(invoice.period, invoice.id) <= (${period}, ${invoiceId})`);
    ofLine.push(`line.line_number > case when invoice.id = ${invoiceId} then ${lineNumber} else 0 end`);
  }
  const most = parameters.add(limit);
  const rows = await app.reads.query<CostLineRow>(
    `${SELECT} from cloud_invoices invoice cross join lateral (
       select * from cloud_cost_lines line where ${ofLine.join(' and ')} order by line.line_number limit ${most}) line
     where ${ofInvoice.join(' and ')}
     order by invoice.period desc, invoice.id desc, line.line_number limit ${most}`,
    parameters.values,
  );
  return toPage(request, rows, (row) => encodeCursor([row.period, row.invoiceId, String(row.lineNumber)]));
}

export async function countCostLines(app: CostsApp, filter: CostLineFilter): Promise<number> {
  const parameters = new Parameters();
  const { ofInvoice, ofLine } = conditionsOf(app, filter, parameters);
  const isWhole = !filter.kind && !filter.matchStatus && !filter.resourceId && !filter.bucket;
  const [row] = await app.reads.query<{ count: number }>(
    isWhole
      ? `select coalesce(sum(invoice.line_count), 0)::int as count from cloud_invoices invoice
         where ${ofInvoice.join(' and ')}`
      : `select count(*)::int as count from cloud_invoices invoice
         join cloud_cost_lines line on ${[...ofLine, ...ofInvoice].join(' and ')}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

function conditionsOf({ config }: CostsApp, filter: CostLineFilter, parameters: Parameters): Conditions {
  const ofInvoice = ['invoice.live_ingest_id is not null'];
  const ofLine = ['line.ingest_id = invoice.live_ingest_id'];
  const { period, kind, matchStatus, invoiceId, resourceId, currency, bucket } = filter;
  if (period) ofInvoice.push(`invoice.period = ${parameters.add(parsePeriod(period, 'filter.period'))}::date`);
  if (invoiceId !== null && invoiceId !== undefined)
    ofInvoice.push(isUuid(invoiceId) ? `invoice.id = ${parameters.add(invoiceId)}::uuid` : 'false');
  if (currency) ofInvoice.push(`invoice.currency = ${parameters.add(currency)}`);
  if (kind) ofLine.push(`line.kind = ${parameters.add(kind)}`);
  if (matchStatus) ofLine.push(`line.match_status = ${parameters.add(matchStatus)}`);
  if (resourceId) ofLine.push(`line.resource_id = ${parameters.add(resourceId)}::uuid`);
  if (bucket) ofLine.push(inBucketSql(bucket, parameters.add(config.internalProject)));
  return { ofInvoice, ofLine };
}
