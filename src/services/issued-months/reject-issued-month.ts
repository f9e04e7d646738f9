import type { EntityManager } from 'typeorm';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import { type Day, periodOf } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { type Sql, sql } from '../../database/sql.js';
import { Invoice } from '../../entities/invoice.js';
import { ConflictError } from '../../errors.js';

const IssuedInvoice = rowOf(Invoice, ['id', 'number', 'period']);
type IssuedInvoice = RowOf<typeof IssuedInvoice>;

/** A change would affect a month with an issued invoice; such a month is closed. */
export class IssuedMonthError extends ConflictError {
  constructor(
    private readonly invoice: IssuedInvoice,
    private readonly path: string | null,
  ) {
    super(
      `Invoice ${invoice.number ?? invoice.id} for ${invoice.period.slice(0, 7)} is issued; nothing can change in a month that is billed.`,
    );
  }
  override get details() {
    const { id, number, period } = this.invoice;
    const fields = this.path === null ? {} : { fields: [{ path: this.path, message: this.message }] };
    return { ...fields, invoiceId: id, invoiceNumber: number, period };
  }
}

/**
 * Call before any write that adds or moves billed days of a tenant from `from` on. Throws IssuedMonthError if an invoice of
 * that month or a later one is issued. No invoice of the tenant can be issued until the caller's transaction ends.
 */
export async function rejectIssuedMonths(
  db: EntityManager,
  { tenantId, from, path = null }: { readonly tenantId: string; readonly from: Day; readonly path?: string | null },
): Promise<void> {
  await query(db).execute(
    sql`/* hold-issues-of-tenant */ select pg_advisory_xact_lock_shared(hashtext('issue invoice'), hashtext(${tenantId}))`,
  );
  await rejectIssued(db, sql`invoice.tenant_id = ${tenantId} and invoice.period >= ${periodOf(from)}::date`, path);
}

/** As `rejectIssuedMonths` for a resource price, which is in force for every tenant until the next price of its kind and currency. */
export async function rejectPriceOfIssuedMonth(
  db: EntityManager,
  { kind, currency, effectiveFrom }: Pick<ResourcePrice, 'kind' | 'currency' | 'effectiveFrom'>,
  path: string,
): Promise<void> {
  await holdIssues(db);
  await rejectIssued(
    db,
    sql`invoice.currency = ${currency} and invoice.period >= ${periodOf(effectiveFrom)}::date
      and invoice.period < coalesce((select min(effective_from) from resource_prices
        where kind = ${kind} and currency = ${currency} and effective_from > ${effectiveFrom}::date), 'infinity')`,
    path,
  );
}

/** As `rejectIssuedMonths` for the metering of a day, which affects every tenant. Meterings run one at a time. */
export async function rejectDayOfIssuedMonth(db: EntityManager, day: Day, path: string): Promise<void> {
  await holdIssues(db);
  await rejectIssued(db, sql`invoice.period = ${periodOf(day)}::date`, path);
}

/** No invoice of any tenant can be issued until the caller's transaction ends. Callers run one at a time. */
async function holdIssues(db: EntityManager): Promise<void> {
  await query(db).execute(sql`/* hold-issues */ select pg_advisory_xact_lock(hashtext('issue invoice'), 0)`);
}

/** Throws IssuedMonthError for the earliest issued invoice that meets the condition. */
async function rejectIssued(db: EntityManager, condition: Sql, path: string | null): Promise<void> {
  const issued = await query(db).maybeOne(
    IssuedInvoice,
    sql`/* find-issued-invoice */ select ${IssuedInvoice.columns('invoice')} from invoices invoice
      where ${condition} and invoice.status in ('issued', 'paid') order by invoice.period, invoice.id limit 1`,
  );
  if (issued) throw new IssuedMonthError(issued, path);
}

/**
 * Waits for every write that `rejectIssuedMonths` and its siblings have admitted to the invoice's month, and keeps others out
 * until the caller's transaction, which issues it, has ended.
 */
export async function closeMonth(db: EntityManager, invoiceId: string): Promise<void> {
  await query(db).execute(
    sql`/* close-month */ select pg_advisory_xact_lock_shared(hashtext('issue invoice'), 0),
       pg_advisory_xact_lock(hashtext('issue invoice'), hashtext(tenant_id)) from invoices where id = ${invoiceId}`,
  );
}
