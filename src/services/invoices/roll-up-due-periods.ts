import type { App } from '../../context.js';
import { dayOf, nextPeriod, type Period, periodOf, previousPeriod, startOfDay } from '../../core/time/period.js';
import { rollUpInvoices } from './roll-up-invoices.js';
import { findUnmeteredDays, firstMeteredDay } from './unmetered-days.js';

type RollUpApp = Pick<App, 'db' | 'reads' | 'clock' | 'config' | 'log'>;

const HOURS_AFTER_MONTH = 3;

/** After a stop of this length the months before it are left to the operator. */
const MAX_CATCH_UP_MONTHS = 12;

/**
 * The schedule's run: last month, from 03:00 of the 1st on, until it was done for every tenant, and so each month before it
 * that was missed or had a tenant who could not be billed. A month with days that are not metered waits for a later run; it
 * holds up no other month.
 */
export async function rollUpDuePeriods(app: RollUpApp): Promise<void> {
  for (const period of await duePeriods(app)) {
    if (await isWaiting(app, period)) continue;
    const staleBefore = await completeSince(app, period);
    const request = { period, tenantId: null, force: false, allowUnmetered: true, staleBefore };
    const { failed } = await rollUpInvoices(app, request);
    if (failed.length > 0) continue;
    await app.db.query('insert into rolled_up_periods (period, rolled_up_at) values ($1, $2) on conflict do nothing', [
      period,
      app.clock(),
    ]);
  }
}

/**
 * Days that will not be metered any more are not waited for: those before the first that ever was, as before the
 * installation, and those of a month of which an operator has issued an invoice already.
 */
async function isWaiting(app: Pick<App, 'db' | 'reads' | 'log'>, period: Period): Promise<boolean> {
  const [issued] = await app.db.query(
    `select id from invoices where period = $1 and status in ('issued', 'paid') limit 1`,
    [period],
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
  const done: { period: Period }[] = await app.db.query('select period::text as period from rolled_up_periods');
  const isDone = new Set(done.map(({ period }) => period));
  const first = done.map(({ period }) => period).sort()[0];
  const due: Period[] = [];
  let period = previousPeriod(thisMonth);
  for (let months = 0; months < MAX_CATCH_UP_MONTHS; months++) {
    const isWanted = months === 0 ? isTime : first !== undefined && period > first;
    if (isWanted && !isDone.has(period)) due.unshift(period);
    period = previousPeriod(period);
  }
  return due;
}

/** When the month was over and its last metered: a draft from before lacks usage, and is written anew. */
async function completeSince(app: Pick<App, 'db'>, period: Period): Promise<Date> {
  const end = nextPeriod(period);
  const [metered]: [{ at: Date | null }] = await app.db.query(
    'select max(metered_at) as at from metered_days where day >= $1 and day < $2',
    [period, end],
  );
  const over = startOfDay(end);
  return metered.at !== null && metered.at > over ? metered.at : over;
}
