import type { App, Viewer } from '../../context.js';
import type { DeploymentUsage, InvoiceStatus } from '../../core/invoices/invoice.js';
import type { Money } from '../../core/money/money.js';
import type { PricedLine } from '../../core/pricing/priced-line.js';
import { lastDayOf, type Period, parsePeriod } from '../../core/time/period.js';
import { Parameters, type Reads } from '../../database/reads.js';
import { ForbiddenError } from '../../errors.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  isDay,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

type Sql = Pick<Reads, 'query'>;

export interface InvoiceRow {
  readonly id: string;
  readonly number: string | null;
  readonly tenantId: string;
  readonly period: Period;
  /** The last day of it. */
  readonly periodEnd: string;
  readonly status: InvoiceStatus;
  readonly subtotal: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly issuedAt: Date | null;
  readonly paidAt: Date | null;
  readonly voidedAt: Date | null;
  /** Usage on billed days, beyond the allowance, that no price covers. */
  readonly unpriced: readonly DeploymentUsage[];
}

export interface InvoiceLineRow {
  readonly id: string;
  readonly invoiceId: string;
  readonly position: number;
  readonly deploymentId: string | null;
  /** As the deployment was called when the line was drafted. */
  readonly deploymentSlug: string | null;
  readonly deploymentName: string | null;
  readonly line: PricedLine;
}

export interface InvoiceFilter {
  /** Operators only. */
  readonly tenantId?: string | null | undefined;
  /** Any day of the month. */
  readonly period?: string | null | undefined;
  readonly status?: InvoiceStatus | null | undefined;
}

const money = (column: string) => `json_build_object('cents', invoice.${column}, 'currency', invoice.currency)`;
const SELECT = `select invoice.id, invoice.number, invoice.tenant_id as "tenantId", invoice.period::text as period, invoice.status,
  ${money('subtotal_cents')} as subtotal, ${money('tax_cents')} as tax, ${money('total_cents')} as total,
  invoice.issued_at as "issuedAt", invoice.paid_at as "paidAt", invoice.voided_at as "voidedAt",
  invoice.unpriced from invoices invoice`;

/** Invoices that the viewer may see, the newest month first. */
export async function listInvoices(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: InvoiceFilter,
  request: PageRequest,
): Promise<Page<InvoiceRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isDay, isUuid]);
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  if (after) {
    conditions.push(
      `(invoice.period, invoice.id) < (${parameters.add(after[0])}::date, ${parameters.add(after[1])}::uuid)`,
    );
  }
  const rows = await app.reads.query<InvoiceRow>(
    `${SELECT} where ${conditions.join(' and ') || 'true'} order by invoice.period desc, invoice.id desc limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage(request, rows.map(withEnd), (row) => encodeCursor([row.period, row.id]));
}

export async function countInvoices(app: Pick<App, 'reads'>, viewer: Viewer, filter: InvoiceFilter): Promise<number> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from invoices invoice where ${conditions.join(' and ') || 'true'}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** One invoice that the viewer may see; a null viewer is the program itself. */
export async function findInvoice(sql: Sql, viewer: Viewer | null, id: string): Promise<InvoiceRow | null> {
  if (!isUuid(id)) return null;
  const parameters = new Parameters();
  const conditions = viewer ? conditionsOf(viewer, {}, parameters) : [];
  conditions.push(`invoice.id = ${parameters.add(id)}::uuid`);
  const [row] = await sql.query<InvoiceRow>(`${SELECT} where ${conditions.join(' and ')}`, parameters.values);
  return row ? withEnd(row) : null;
}

/** Those of the ids that the viewer may see, in any order. */
export async function findInvoices(sql: Sql, viewer: Viewer, ids: readonly string[]): Promise<InvoiceRow[]> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, {}, parameters);
  conditions.push(`invoice.id = any(${parameters.add(ids.filter(isUuid))}::uuid[])`);
  const rows = await sql.query<InvoiceRow>(`${SELECT} where ${conditions.join(' and ')}`, parameters.values);
  return rows.map(withEnd);
}

function withEnd(row: InvoiceRow): InvoiceRow {
  return { ...row, periodEnd: lastDayOf(row.period) };
}

function conditionsOf(viewer: Viewer, filter: InvoiceFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  const where = (condition: (placeholder: string) => string, value: unknown) => {
    if (value !== null && value !== undefined) conditions.push(condition(parameters.add(value)));
  };
  if (!viewer.isOperator) {
    if (filter.tenantId) throw new ForbiddenError('filter.tenantId is for operators');
    where((own) => `invoice.tenant_id = ${own}`, viewer.tenantId);
  }
  where((tenant) => `invoice.tenant_id = ${tenant}`, filter.tenantId);
  where((period) => `invoice.period = ${period}::date`, filter.period && parsePeriod(filter.period, 'filter.period'));
  where((status) => `invoice.status = ${status}`, filter.status);
  return conditions;
}

const LINE = `select line.id::text, line.invoice_id as "invoiceId", line.position, line.deployment_id as "deploymentId",
  line.deployment_slug as "deploymentSlug", line.deployment_name as "deploymentName",
  json_build_object('kind', line.kind, 'billingKind', line.billing_kind, 'description', line.description,
    'quantity', line.quantity::text, 'unit', line.unit, 'unitPriceCents', line.unit_price_cents::text,
    'amount', json_build_object('cents', line.amount_cents, 'currency', line.currency), 'meta', line.meta) as line
  from invoice_lines line`;

/** The lines of each invoice that has some, in their order. */
export async function findLineLists(
  sql: Sql,
  invoiceIds: readonly string[],
): Promise<{ invoiceId: string; lines: InvoiceLineRow[] }[]> {
  const rows = await sql.query<InvoiceLineRow>(
    `${LINE} where line.invoice_id = any($1::uuid[]) order by line.invoice_id, line.position`,
    [invoiceIds],
  );
  const lists = new Map<string, InvoiceLineRow[]>();
  for (const row of rows) lists.set(row.invoiceId, [...(lists.get(row.invoiceId) ?? []), row]);
  return [...lists].map(([invoiceId, lines]) => ({ invoiceId, lines }));
}

/** One line of an invoice that the viewer may see. */
export async function findInvoiceLine(sql: Sql, viewer: Viewer, id: string): Promise<InvoiceLineRow | null> {
  if (!isBigint(id)) return null;
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, {}, parameters);
  conditions.push(`line.id = ${parameters.add(id)}::bigint`);
  const [row] = await sql.query<InvoiceLineRow>(
    `${LINE} join invoices invoice on invoice.id = line.invoice_id where ${conditions.join(' and ')}`,
    parameters.values,
  );
  return row ?? null;
}

/** What one deployment is billed for a month. The caller has made sure that the viewer may see it. */
export async function listDeploymentLines(
  app: Pick<App, 'reads'>,
  deploymentId: string,
  period: string,
): Promise<InvoiceLineRow[]> {
  return app.reads.query<InvoiceLineRow>(
    `${LINE} join invoices invoice on invoice.id = line.invoice_id
     where line.deployment_id = $1 and invoice.period = $2::date order by invoice.currency, line.position`,
    [deploymentId, parsePeriod(period)],
  );
}
