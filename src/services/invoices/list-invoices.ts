import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import { type DeploymentUsage, INVOICE_STATUSES, type InvoiceStatus } from '../../core/invoices/invoice.js';
import { groupBy } from '../../core/lists/group-by.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import type { PricedLine } from '../../core/pricing/priced-line.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import { DayShape, PeriodShape } from '../../core/time/period-shapes.js';
import type { Queries } from '../../database/queries.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { allOf, rawSql, type Sql, sql } from '../../database/sql.js';
import { ForbiddenError } from '../../errors.js';
import { isBigint, isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

const InvoiceRow = rowShape({
  id: z.string(),
  number: z.string().nullable(),
  tenantId: z.string(),
  period: PeriodShape,
  /** The last day of the period. */
  periodEnd: DayShape,
  status: z.enum(INVOICE_STATUSES),
  subtotal: MoneyShape,
  tax: MoneyShape,
  total: MoneyShape,
  issuedAt: z.date().nullable(),
  paidAt: z.date().nullable(),
  voidedAt: z.date().nullable(),
  /** Usage on billed days, beyond the allowance, that no price covers. */
  unpriced: z.custom<readonly DeploymentUsage[]>(Array.isArray),
});
export type InvoiceRow = RowOf<typeof InvoiceRow>;

const InvoiceLineRow = rowShape({
  id: z.string(),
  invoiceId: z.string(),
  position: z.int(),
  deploymentId: z.string().nullable(),
  /** The deployment's slug and name when the line was drafted. */
  deploymentSlug: z.string().nullable(),
  deploymentName: z.string().nullable(),
  line: z.custom<PricedLine>((value) => typeof value === 'object' && value !== null),
});
export type InvoiceLineRow = RowOf<typeof InvoiceLineRow>;

export interface InvoiceFilter {
  /** Operators only. */
  readonly tenantId?: string | null | undefined;
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly status?: InvoiceStatus | null | undefined;
}

const money = (column: string) => `json_build_object('cents', invoice.${column}, 'currency', invoice.currency)`;
const INVOICE_COLUMNS =
  rawSql(`invoice.id, invoice.number, invoice.tenant_id as "tenantId", invoice.period::text as period,
  (invoice.period + interval '1 month' - interval '1 day')::date::text as "periodEnd", invoice.status,
  ${money('subtotal_cents')} as subtotal, ${money('tax_cents')} as tax, ${money('total_cents')} as total,
  invoice.issued_at as "issuedAt", invoice.paid_at as "paidAt", invoice.voided_at as "voidedAt", invoice.unpriced`);

const invoiceList = sortedList({
  name: 'list-invoices',
  row: InvoiceRow,
  select: INVOICE_COLUMNS,
  from: sql`invoices invoice`,
  keys: [
    { column: 'invoice.period', type: 'date' },
    { column: 'invoice.id', type: 'uuid' },
  ],
  direction: 'desc',
});

/** Invoices that the viewer may see, the newest month first. Throws FORBIDDEN if a tenant filters by tenant. */
export function listInvoices(app: Pick<App, 'reads'>, viewer: Viewer, filter: InvoiceFilter): PagedList<InvoiceRow> {
  return invoiceList(app.reads, conditionsOf(viewer, filter));
}

/** One invoice that the viewer may see; a null viewer is the program itself. */
export async function findInvoice(queries: Queries, viewer: Viewer | null, id: string): Promise<InvoiceRow | null> {
  if (!isUuid(id)) return null;
  const conditions = [sql`invoice.id = ${id}::uuid`, ...(viewer ? conditionsOf(viewer, {}) : [])];
  return queries.maybeOne(
    InvoiceRow,
    sql`/* find-invoice */ select ${INVOICE_COLUMNS} from invoices invoice where ${allOf(conditions)}`,
  );
}

/** The invoices of these ids that the viewer may see, in any order. */
export async function findInvoices(queries: Queries, viewer: Viewer, ids: readonly string[]): Promise<InvoiceRow[]> {
  const conditions = [sql`invoice.id = any(${ids.filter(isUuid)}::uuid[])`, ...conditionsOf(viewer, {})];
  return queries.many(
    InvoiceRow,
    sql`/* find-invoices */ select ${INVOICE_COLUMNS} from invoices invoice where ${allOf(conditions)}`,
  );
}

function conditionsOf(viewer: Viewer, { tenantId, period, status }: InvoiceFilter): Sql[] {
  const conditions: Sql[] = [];
  if (!viewer.isOperator) {
    if (tenantId) throw new ForbiddenError('filter.tenantId is for operators');
    conditions.push(sql`invoice.tenant_id = ${viewer.tenantId}`);
  }
  if (tenantId != null) conditions.push(sql`invoice.tenant_id = ${tenantId}`);
  if (period != null) conditions.push(sql`invoice.period = ${parsePeriod(period, 'filter.period')}::date`);
  if (status != null) conditions.push(sql`invoice.status = ${status}`);
  return conditions;
}

const LINE_COLUMNS = sql`line.id::text, line.invoice_id as "invoiceId", line.position, line.deployment_id as "deploymentId",
  line.deployment_slug as "deploymentSlug", line.deployment_name as "deploymentName",
  json_build_object('kind', line.kind, 'billingKind', line.billing_kind, 'description', line.description,
    'quantity', line.quantity::text, 'unit', line.unit, 'unitPriceCents', line.unit_price_cents::text,
    'amount', json_build_object('cents', line.amount_cents, 'currency', line.currency), 'meta', line.meta) as line`;

export interface InvoiceLineList {
  readonly invoiceId: string;
  readonly lines: readonly InvoiceLineRow[];
}

/** The lines of each invoice that has some, in their order. */
export async function findLineLists(queries: Queries, invoiceIds: readonly string[]): Promise<InvoiceLineList[]> {
  const rows = await queries.many(
    InvoiceLineRow,
    sql`/* find-line-lists */ select ${LINE_COLUMNS} from invoice_lines line
     where line.invoice_id = any(${invoiceIds}::uuid[]) order by line.invoice_id, line.position`,
  );
  return [...groupBy(rows, (row) => row.invoiceId)].map(([invoiceId, lines]) => ({ invoiceId, lines }));
}

/** One line of an invoice that the viewer may see. */
export async function findInvoiceLine(queries: Queries, viewer: Viewer, id: string): Promise<InvoiceLineRow | null> {
  if (!isBigint(id)) return null;
  return queries.maybeOne(
    InvoiceLineRow,
    sql`/* find-invoice-line */ select ${LINE_COLUMNS} from invoice_lines line join invoices invoice on invoice.id = line.invoice_id
     where ${allOf([sql`line.id = ${id}::bigint`, ...conditionsOf(viewer, {})])}`,
  );
}

export interface DeploymentLineList {
  readonly deploymentId: string;
  readonly lines: readonly InvoiceLineRow[];
}

/** The lines of a month of each deployment that has some. The caller checks that the viewer may see the deployments. */
export async function findDeploymentLineLists(
  queries: Queries,
  deploymentIds: readonly string[],
  period: Period,
): Promise<DeploymentLineList[]> {
  const rows = await queries.many(
    InvoiceLineRow,
    sql`/* find-deployment-line-lists */ select line.* from unnest(${deploymentIds}::uuid[]) as selected(id)
     cross join lateral (select ${LINE_COLUMNS} from invoice_lines line join invoices invoice on invoice.id = line.invoice_id
       where line.deployment_id = selected.id and invoice.period = ${period}::date
       order by invoice.currency, line.position) line`,
  );
  return [...groupBy(rows, (row) => row.deploymentId ?? '')].map(([deploymentId, lines]) => ({ deploymentId, lines }));
}
