import type { App } from '../../context.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { type BillingKind, METERED_AS } from '../../core/metering/billing-kind.js';
import { DEFAULT_METERING_RULE } from '../../core/metering/metering.js';
import { addDays, type Day, dayOf, daysOf, type Period, parseDay, periodOf } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { BadUserInputError } from '../../errors.js';
import { rejectDayOfIssuedMonth } from '../issued-months/reject-issued-month.js';
import { meterKind } from './meter-kind.js';
import { findMeteringRules } from './metering-config.js';
import { pruneUsage } from './prune-usage.js';

/** DigitalOcean had no customers of ours before: its oldest invoice is of this year. */
const EARLIEST = '2014-01-01';

/**
 * Meters one complete UTC day from the state that each resource had on it; again refreshes what is there. Returns the number
 * of records of that day. Throws BAD_USER_INPUT for a day before 2014 or not over yet, CONFLICT for one of a month in which an
 * invoice is issued.
 */
export async function meterUsage(app: Pick<App, 'db' | 'clock'>, text: string): Promise<number> {
  const day = parseDay(text, 'day');
  if (day >= dayOf(app.clock())) throw BadUserInputError.at('day', `${day} is not over yet`);
  if (day < EARLIEST)
    throw BadUserInputError.at('day', `${day} is before ${EARLIEST}, the first day that can be metered`);
  let records = 0;
  for (const [resourceKind, kind] of Object.entries(METERED_AS) as [ResourceKind, BillingKind][]) {
    records += await app.db.transaction(async (db) => {
      await rejectDayOfIssuedMonth(db, day, 'day');
      // One after the other, each by the rule of its moment: else two granularities could count one day twice.
      await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', ['metering', `${day} ${kind}`]);
      const { granularity } = (await findMeteringRules(readsWithin(db))).get(kind) ?? DEFAULT_METERING_RULE;
      return meterKind(db, { day, resourceKind, kind, granularity });
    });
  }
  await app.db.query(
    `insert into metered_days (day, metered_at) values ($1, $2) on conflict (day) do update set metered_at = excluded.metered_at`,
    [day, app.clock()],
  );
  return records;
}

/** After a stop of this length the days before it are left to the operator. */
const MAX_CATCH_UP_DAYS = 40;

/** The schedule's run: every complete day that was missed since one that was metered and whose month is not issued, then what is kept too long goes. */
export async function meterDueDays(app: Pick<App, 'db' | 'reads' | 'clock' | 'log'>): Promise<void> {
  const today = dayOf(app.clock());
  const metered: { day: Day }[] = await app.db.query(
    'select day::text as day from metered_days where day >= $1 and day < $2 order by metered_days.day',
    [addDays(today, -MAX_CATCH_UP_DAYS), today],
  );
  const issued: { period: Period }[] = await app.db.query(
    `select distinct period::text as period from invoices where period >= $1 and status in ('issued', 'paid')`,
    [periodOf(addDays(today, -MAX_CATCH_UP_DAYS))],
  );
  const isIssued = new Set(issued.map(({ period }) => period));
  const isMetered = new Set(metered.map(({ day }) => day));
  for (const day of daysOf({ from: metered[0]?.day ?? addDays(today, -1), until: today })) {
    if (isMetered.has(day) || isIssued.has(periodOf(day))) continue;
    const records = await meterUsage(app, day);
    app.log.info({ day, records }, 'day metered');
  }
  await pruneUsage(app);
}
