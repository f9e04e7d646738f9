import type { App } from '../../context.js';
import { addDays, dayOf, earlierDay, periodOf, previousPeriod } from '../../core/period.js';
import { listMeteringConfig } from './metering-config.js';

/** Deletes records older than their kind is kept. Those of this month and the last stay: they may not be invoiced yet. */
export async function pruneUsage(app: Pick<App, 'db' | 'reads' | 'clock'>): Promise<void> {
  const today = dayOf(app.clock());
  const needed = previousPeriod(periodOf(today));
  for (const { kind, retentionDays } of await listMeteringConfig(app.reads)) {
    const before = earlierDay(addDays(today, -retentionDays), needed);
    await app.db.query(
      `delete from usage_records where kind = $1 and granularity in ('daily', 'hourly')
       and period_start < $2::date::timestamp at time zone 'UTC'`,
      [kind, before],
    );
  }
}
