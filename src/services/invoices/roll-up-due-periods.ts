import { z } from 'zod';
import type { App } from '../../context.js';
import { dayOf, nextPeriod, type Period, periodOf, previousPeriod, startOfDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Invoice } from '../../entities/invoice.js';
import { RolledUpPeriod } from '../../entities/rolled-up-period.js';
import { rollUpInvoices } from './roll-up-invoices.js';
import { findUnmeteredDays, firstMeteredDay } from './unmetered-days.js';

type RollUpApp = Pick<App, 'db' | 'reads' | 'clock' | 'config' | 'log'>;

const IdRow = rowOf(Invoice, ['id']);
const PeriodRow = rowOf(RolledUpPeriod, ['period']);

const HOURS_AFTER_MONTH = 3;

/** After a longer stop the operator rolls up the earlier months. */
const MAX_CATCH_UP_MONTHS = 12;

/**
 * The scheduled run. From 03:00 UTC of the 1st it rolls up last month, and each earlier month that was missed or had an invoice
 * that could not be drafted, until every invoice of the month is drafted. A month with unmetered days waits for a later run and
 * delays no other month.
 */
export async function rollUpDuePeriods(app: RollUpApp): Promise<void> {
  for (const period of await duePeriods(app)) {
    if (await isWaiting(app, period)) continue;
    const staleBefore = await completeSince(app, period);
    const request = { period, tenantId: null, force: false, allowUnmetered: true, staleBefore };
    const { failed } = await rollUpInvoices(app, request);
    if (failed.length > 0) continue;
    await query(app.db).execute(
      sql`/* complete-period */ insert into rolled_up_periods (period, rolled_up_at) values (${period}, ${app.clock()})
       on conflict do nothing`,
    );
  }
}

/**
 * Whether the month still waits for days to be metered. Days before the first metered day, as before the installation, are
 * never metered, and neither are days of a month of which an operator issued an invoice: the roll-up does not wait for them.
 */
async function isWaiting(app: Pick<App, 'db' | 'reads' | 'log'>, period: Period): Promise<boolean> {
  const issued = await query(app.db).maybeOne(
    IdRow,
    sql`/* find-issued-invoice */ select invoice.id from invoices invoice
     where invoice.period = ${period} and invoice.status in ('issued', 'paid') limit 1`,
  );
  if (issued) return false;
  const unmeteredDays = await findUnmeteredDays(app, period);
  if (unmeteredDays.length === 0) return false;
  const first = await firstMeteredDay(app);
  const awaited = unmeteredDays.filter((day) => first === null || day >= first);
  if (awaited.length > 0) app.log.warn({ period, awaited }, 'roll-up waits for days to be metered');
  return awaited.length > 0;
}

/** Oldest first. */
async function duePeriods(app: Pick<App, 'db' | 'clock'>): Promise<Period[]> {
  const now = app.clock();
  const thisMonth = periodOf(dayOf(now));
  const isTime = now.getTime() >= startOfDay(thisMonth).getTime() + HOURS_AFTER_MONTH * 3_600_000;
  const done = await query(app.db).many(
    PeriodRow,
    sql`/* list-rolled-up-periods */ select ${PeriodRow.columns('done')} from rolled_up_periods done`,
  );
  const isDone = new Set(done.map(({ period }) => period));
  const first = done.map(({ period }) => period).sort()[0];
  const due: Period[] = [];
  let period = previousPeriod(thisMonth);
  for (let months = 0; months < MAX_CATCH_UP_MONTHS; months++) {
    const isDue = months === 0 ? isTime : first !== undefined && period > first;
    if (isDue && !isDone.has(period)) due.unshift(period);
    period = previousPeriod(period);
  }
  return due;
}

const MeteredAtRow = rowShape({ at: z.date().nullable() });

/** When the month was over and its last day metered: an earlier draft lacks usage and is rewritten. */
async function completeSince(app: Pick<App, 'db'>, period: Period): Promise<Date> {
  const end = nextPeriod(period);
  const metered = await query(app.db).one(
    MeteredAtRow,
    sql`/* last-metered-at */ select max(metered_at) as at from metered_days where day >= ${period} and day < ${end}`,
  );
  const over = startOfDay(end);
  return metered.at !== null && metered.at > over ? metered.at : over;
}
