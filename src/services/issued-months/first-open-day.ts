import type { EntityManager } from 'typeorm';
import { type Day, nextPeriod, periodOf } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Invoice } from '../../entities/invoice.js';

const PeriodRow = rowOf(Invoice, ['period']);

/**
 * The first day from `from` on whose month, and no later month, is issued to the tenant. Until the caller's transaction ends,
 * none of the tenant's invoices can be issued.
 */
export async function firstOpenDay(
  db: EntityManager,
  { tenantId, from }: { readonly tenantId: string; readonly from: Day },
): Promise<Day> {
  await query(db).execute(
    sql`/* lock-issue-of-tenant */ select pg_advisory_xact_lock_shared(hashtext('issue invoice'), hashtext(${tenantId}))`,
  );
  const last = await query(db).maybeOne(
    PeriodRow,
    sql`/* find-last-issued-month */ select ${PeriodRow.columns('invoice')} from invoices invoice
     where invoice.tenant_id = ${tenantId} and invoice.period >= ${periodOf(from)}::date and invoice.status in ('issued', 'paid')
     order by invoice.period desc limit 1`,
  );
  return last ? nextPeriod(last.period) : from;
}
