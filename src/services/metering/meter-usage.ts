import type { App } from '../../context.js';
import { METERED_KINDS } from '../../core/metering/billing-kind.js';
import { DEFAULT_METERING_RULE } from '../../core/metering/metering.js';
import { addDays, dayOf, daysOf, parseDay, periodOf } from '../../core/time/period.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { MeteredDay } from '../../entities/metered-day.js';
import { BadUserInputError } from '../../errors.js';
import { rejectDayOfIssuedMonth } from '../issued-months/reject-issued-month.js';
import { meterKind } from './meter-kind.js';
import { findMeteringRules } from './metering-config.js';
import { pruneUsage } from './prune-usage.js';

/** The year of the oldest DigitalOcean invoice: nothing ran before. */
const EARLIEST = '2014-01-01';

/**
 * Meters one complete UTC day from the state that each resource had on it; metering a day again refreshes its records.
 * Returns the number of records of that day. Throws BAD_USER_INPUT for a day before 2014 or not over yet, CONFLICT if an
 * invoice of its month is issued.
 */
export async function meterUsage(app: Pick<App, 'db' | 'clock'>, text: string): Promise<number> {
  const day = parseDay(text, 'day');
  if (day >= dayOf(app.clock())) throw BadUserInputError.at('day', `${day} is not over yet`);
  if (day < EARLIEST)
    throw BadUserInputError.at('day', `${day} is before ${EARLIEST}, the first day that can be metered`);
  let records = 0;
  for (const [resourceKind, kind] of METERED_KINDS) {
    records += await app.db.transaction(async (db) => {
      // Its lock lets one metering run at a time, by the rule that is set then: two granularities could count a day twice.
      await rejectDayOfIssuedMonth(db, day, 'day');
      const { granularity } = (await findMeteringRules(query(db))).get(kind) ?? DEFAULT_METERING_RULE;
      return meterKind(db, { day, resourceKind, kind, granularity });
    });
  }
  await query(app.db).execute(
    sql`/* set-metered-day */ insert into metered_days (day, metered_at) values (${day}, ${app.clock()})
      on conflict (day) do update set metered_at = excluded.metered_at`,
  );
  return records;
}

/** After a stop of this length an operator meters the days before it. */
const MAX_CATCH_UP_DAYS = 40;

const DayRow = rowOf(MeteredDay, ['day']);
const IssuedPeriod = rowShape({ period: PeriodShape });

/**
 * Meters every complete day since the first metered one of the last 40 days that is not metered and whose month has no issued
 * invoice, then deletes records past their retention.
 */
export async function meterDueDays(app: Pick<App, 'db' | 'reads' | 'clock' | 'log'>): Promise<void> {
  const today = dayOf(app.clock());
  const earliest = addDays(today, -MAX_CATCH_UP_DAYS);
  const metered = await query(app.db).many(
    DayRow,
    sql`/* list-metered-days */ select ${DayRow.columns('metered')} from metered_days metered
      where metered.day >= ${earliest} and metered.day < ${today} order by metered.day`,
  );
  const issued = await query(app.db).many(
    IssuedPeriod,
    sql`/* list-issued-periods */ select distinct period::text as period from invoices
      where period >= ${periodOf(earliest)} and status in ('issued', 'paid')`,
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
