import type { App } from '../../context.js';
import { addDays, dayOf, earlierDay, periodOf, previousPeriod } from '../../core/time/period.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { listMeteringConfig } from './metering-config.js';

const OldestDraft = rowShape({ period: PeriodShape.nullable() });

/**
 * Deletes records past the retention of their kind. Records of this month and the last stay, since those may not be invoiced
 * yet, and so do records from the oldest draft's month on, since a roll-up may write that draft again.
 */
export async function pruneUsage(app: Pick<App, 'db' | 'reads' | 'clock'>): Promise<void> {
  const today = dayOf(app.clock());
  const oldestDraft = await query(app.db).one(
    OldestDraft,
    sql`/* find-oldest-draft */ select min(period)::text as period from invoices where status = 'draft'`,
  );
  const lastMonth = previousPeriod(periodOf(today));
  const needed = oldestDraft.period === null ? lastMonth : earlierDay(oldestDraft.period, lastMonth);
  for (const { kind, retentionDays } of await listMeteringConfig(app.reads)) {
    const before = earlierDay(addDays(today, -retentionDays), needed);
    await query(app.db).execute(
      sql`/* prune-usage */ delete from usage_records where kind = ${kind} and granularity in ('daily', 'hourly')
        and period_start < ${before}::date::timestamp at time zone 'UTC'`,
    );
  }
}
