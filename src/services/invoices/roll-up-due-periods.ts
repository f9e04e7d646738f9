import type { App } from '../../context.js';
import { dayOf, nextPeriod, type Period, periodOf, previousPeriod, startOfDay } from '../../core/period.js';
import { rollUpInvoices } from './roll-up-invoices.js';

type RollUpApp = Pick<App, 'db' | 'reads' | 'clock' | 'config' | 'log'>;

const HOURS_AFTER_MONTH = 3;

/** After a stop of this length the months before it are left to the operator. */
const MAX_CATCH_UP_MONTHS = 12;

/**
 * The schedule's run: last month, from 03:00 of the 1st on, until it was done for every tenant, and so each month before it
 * that was missed or had a tenant who could not be billed.
 */
export async function rollUpDuePeriods(app: RollUpApp): Promise<void> {
  for (const period of await duePeriods(app)) {
    const staleBefore = await completeSince(app, period);
    const { failed } = await rollUpInvoices(app, { period, tenantId: null, force: false, staleBefore });
    if (failed.length > 0) continue;
    await app.db.query('insert into rolled_up_periods (period, rolled_up_at) values ($1, $2) on conflict do nothing', [
      period,
      app.clock(),
    ]);
  }
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
