import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { InvoiceStatus } from '../../core/invoices/invoice.js';
import { nextPeriod, type Period, startOfDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { closeMonth } from '../issued-months/reject-issued-month.js';
import { isUuid } from '../paging/keyset.js';
import { rejectProblems, textProblems } from '../validation/problems.js';
import { findInvoice, type InvoiceRow } from './list-invoices.js';

/**
 * Gives a draft its number, unless it is over nothing; from here on it is immutable. Throws BAD_USER_INPUT if its month has
 * not ended, CONFLICT if it was drafted before the month ended: what came after is not on it. Operators only, as all here: the
 * resolver sees to that.
 */
export async function issueInvoice(app: Pick<App, 'db' | 'clock'>, id: string): Promise<InvoiceRow> {
  return changeStatus(app, id, ['draft'], 'issued', async (db, { period, draftedAt }) => {
    await closeMonth(db, id);
    const at = app.clock();
    const end = nextPeriod(period);
    if (at < startOfDay(end)) {
      throw BadUserInputError.at('id', `its month ${period.slice(0, 7)} has not ended; it ends on ${end} 00:00 UTC`);
    }
    if (draftedAt < startOfDay(end)) {
      throw new ConflictError(
        `This draft was written before its month ended; roll ${period.slice(0, 7)} up again with force: true.`,
      );
    }
    const [{ isZero }]: [{ isZero: boolean }] = await db.query(
      'select total_cents = 0 as "isZero" from invoices where id = $1',
      [id],
    );
    const number = isZero ? null : await nextNumber(db, at.getUTCFullYear());
    await db.query(`update invoices set status = 'issued', number = $2, issued_at = $3 where id = $1`, [
      id,
      number,
      at,
    ]);
  });
}

export async function markInvoicePaid(
  app: Pick<App, 'db' | 'clock'>,
  id: string,
  paidAt: Date | null | undefined,
): Promise<InvoiceRow> {
  const now = app.clock();
  if (paidAt && paidAt > now) throw BadUserInputError.at('paidAt', 'lies in the future');
  return changeStatus(app, id, ['issued'], 'paid', (db) =>
    db.query(`update invoices set status = 'paid', paid_at = $2 where id = $1`, [id, paidAt ?? now]),
  );
}

/** Takes an invoice back that nobody has paid; its number stays taken, and its month is not billed again. */
export async function voidInvoice(app: Pick<App, 'db' | 'clock'>, id: string, reason: string): Promise<InvoiceRow> {
  if (reason.trim() === '') throw BadUserInputError.at('reason', 'must say why');
  rejectProblems(textProblems(reason, 'reason'));
  return changeStatus(app, id, ['draft', 'issued'], 'void', (db) =>
    db.query(`update invoices set status = 'void', voided_at = $2, void_reason = $3 where id = $1`, [
      id,
      app.clock(),
      reason,
    ]),
  );
}

interface SettledInvoice {
  readonly status: InvoiceStatus;
  readonly period: Period;
  readonly draftedAt: Date;
}

async function changeStatus(
  app: Pick<App, 'db'>,
  id: string,
  from: readonly InvoiceStatus[],
  to: InvoiceStatus,
  write: (db: EntityManager, invoice: SettledInvoice) => Promise<unknown>,
): Promise<InvoiceRow> {
  if (!isUuid(id)) throw new NotFoundError('invoice', id);
  return app.db.transaction(async (db) => {
    const [invoice]: SettledInvoice[] = await db.query(
      'select status, period::text as period, drafted_at as "draftedAt" from invoices where id = $1 for update',
      [id],
    );
    if (!invoice) throw new NotFoundError('invoice', id);
    if (!from.includes(invoice.status)) {
      throw new ConflictError(
        `This invoice is ${invoice.status}; only one that is ${from.join(' or ')} can become ${to}.`,
      );
    }
    await write(db, invoice);
    return (await findInvoice(query(db), null, id)) as InvoiceRow;
  });
}

/** The year's row stays locked until the caller commits, and a rollback gives the number back: no gap. */
async function nextNumber(db: EntityManager, year: number): Promise<string> {
  const [row]: [{ number: number }] = await db.query(
    `insert into invoice_numbers (year, last_number) values ($1, 1)
     on conflict (year) do update set last_number = invoice_numbers.last_number + 1 returning last_number as number`,
    [year],
  );
  return `${year}-${String(row.number).padStart(6, '0')}`;
}
