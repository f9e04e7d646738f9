import type { App } from '../../context.js';
import { totalDifference } from '../../core/costs/ingest-totals.js';
import type { Money } from '../../core/money/money.js';
import type { Period } from '../../core/time/period.js';
import type { IngestStatus } from '../../entities/cloud-invoice.js';
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

export interface CloudInvoiceRow {
  readonly id: string;
  readonly provider: string;
  readonly providerId: string;
  readonly period: Period;
  readonly total: Money;
  readonly tax: Money | null;
  readonly linesTotal: Money | null;
  readonly issuedAt: Date;
  readonly ingestStatus: IngestStatus;
  readonly ingestedAt: Date | null;
  readonly ingestError: string | null;
  readonly lineCount: number;
  readonly matchRate: number | null;
  readonly pushedToFinanceAt: Date | null;
  readonly financeInvoiceId: string | null;
  readonly financeError: string | null;
  readonly financeNextAttemptAt: Date | null;
}

const money = (column: string) =>
  `case when ${column} is not null then json_build_object('cents', ${column}, 'currency', currency) end`;
const SELECT = `select id, provider, provider_id as "providerId", period::text as period, ${money('total_cents')} as total,
  ${money('tax_cents')} as tax, ${money('lines_total_cents')} as "linesTotal", issued_at as "issuedAt",
  ingest_status as "ingestStatus", ingested_at as "ingestedAt", ingest_error as "ingestError", line_count as "lineCount",
  case when line_count > 0 then matched_count::float8 / line_count end as "matchRate",
  pushed_to_finance_at as "pushedToFinanceAt", finance_invoice_id as "financeInvoiceId", finance_error as "financeError",
  finance_next_attempt_at as "financeNextAttemptAt" from cloud_invoices`;

/** The provider's invoices, the newest month first. Operators only: the resolver sees to that. */
export async function listCloudInvoices(app: Pick<App, 'reads'>, request: PageRequest): Promise<Page<CloudInvoiceRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isDay, isUuid]);
  const rows = await app.reads.query<CloudInvoiceRow>(
    `${SELECT} where $1::date is null or (cloud_invoices.period, id) < ($1::date, $2::uuid)
     order by cloud_invoices.period desc, id desc limit $3`,
    [after?.[0] ?? null, after?.[1] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.period, row.id]));
}

export async function countCloudInvoices(app: Pick<App, 'reads'>): Promise<number> {
  const [row] = await app.reads.query<{ count: number }>('select count(*)::int as count from cloud_invoices', []);
  return row?.count ?? 0;
}

export async function findCloudInvoices(app: Pick<App, 'reads'>, ids: readonly string[]): Promise<CloudInvoiceRow[]> {
  return app.reads.query<CloudInvoiceRow>(`${SELECT} where id = any($1::uuid[])`, [ids.filter(isUuid)]);
}

/** Says by how much the lines miss the stated total; null where they agree, and before the first ingest. */
export function differenceOf({ linesTotal, total, lineCount }: CloudInvoiceRow): string | null {
  if (linesTotal === null) return null;
  return totalDifference({ totalCents: linesTotal.cents, lineCount, taxCents: 0 }, total.cents);
}

/** Why finance has not got the invoice; null where it has, has not been asked, or is not configured. */
export function financeProblemOf(app: Pick<App, 'finance'>, row: CloudInvoiceRow): string | null {
  if (!app.finance) return null;
  const difference = differenceOf(row);
  return difference === null ? row.financeError : `Held back until they agree. ${difference}`;
}
