import type { EntityManager } from 'typeorm';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import { type Day, type Period, periodOf } from '../../core/time/period.js';
import { ConflictError } from '../../errors.js';

interface IssuedInvoice {
  readonly id: string;
  readonly number: string | null;
  readonly period: Period;
}

/** A change that would reach into a month whose invoice is issued: until there are corrections, such a month is closed. */
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
 * Call before any write that adds or moves billed days of a tenant from `from` on. Throws IssuedMonthError if the month of
 * that day, or a later one, is issued; until the caller's transaction ends, none of the tenant's invoices can be.
 */
export async function rejectIssuedMonths(
  db: EntityManager,
  { tenantId, from, path = null }: { readonly tenantId: string; readonly from: Day; readonly path?: string | null },
): Promise<void> {
  await db.query(`select pg_advisory_xact_lock_shared(hashtext('issue invoice'), hashtext($1))`, [tenantId]);
  const [issued]: IssuedInvoice[] = await db.query(
    `select id, number, period::text as period from invoices
     where tenant_id = $1 and period >= $2::date and status in ('issued', 'paid') order by invoices.period, id limit 1`,
    [tenantId, periodOf(from)],
  );
  if (issued) throw new IssuedMonthError(issued, path);
}

/** The same for a resource price, which holds for every tenant until the next price of its kind and currency. */
export async function rejectPriceOfIssuedMonth(
  db: EntityManager,
  { kind, currency, effectiveFrom }: Pick<ResourcePrice, 'kind' | 'currency' | 'effectiveFrom'>,
  path: string,
): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('issue invoice'), 0)`);
  const [issued]: IssuedInvoice[] = await db.query(
    `select id, number, period::text as period from invoices
     where currency = $2 and period >= $4::date and status in ('issued', 'paid') and period < coalesce(
       (select min(effective_from) from resource_prices where kind = $1 and currency = $2 and effective_from > $3::date), 'infinity')
     order by invoices.period, id limit 1`,
    [kind, currency, effectiveFrom, periodOf(effectiveFrom)],
  );
  if (issued) throw new IssuedMonthError(issued, path);
}

/** The same for the metering of a day, which concerns every tenant. */
export async function rejectDayOfIssuedMonth(db: EntityManager, day: Day, path: string): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('issue invoice'), 0)`);
  const [issued]: IssuedInvoice[] = await db.query(
    `select id, number, period::text as period from invoices
     where period = $1::date and status in ('issued', 'paid') order by id limit 1`,
    [periodOf(day)],
  );
  if (issued) throw new IssuedMonthError(issued, path);
}

/** Waits for every write that has been let into the invoice's month, and keeps others out until the issue is committed. */
export async function closeMonth(db: EntityManager, invoiceId: string): Promise<void> {
  await db.query(
    `select pg_advisory_xact_lock_shared(hashtext('issue invoice'), 0),
       pg_advisory_xact_lock(hashtext('issue invoice'), hashtext(tenant_id)) from invoices where id = $1`,
    [invoiceId],
  );
}
