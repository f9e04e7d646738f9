import type { App } from '../../context.js';
import { addDays, dayOf, earlierDay, type Period, periodOf, previousPeriod } from '../../core/time/period.js';
import { listMeteringConfig } from './metering-config.js';

/**
 * Deletes records older than their kind is kept. Those of this month and the last stay: they may not be invoiced yet; so do
 * those from the oldest draft's month on, which may be written anew.
 */
export async function pruneUsage(app: Pick<App, 'db' | 'reads' | 'clock'>): Promise<void> {
  const today = dayOf(app.clock());
  const [oldest]: [{ period: Period | null }] = await app.db.query(
    `select min(period)::text as period from invoices where status = 'draft'`,
  );
  const lastMonth = previousPeriod(periodOf(today));
  const needed = oldest.period === null ? lastMonth : earlierDay(oldest.period, lastMonth);
  for (const { kind, retentionDays } of await listMeteringConfig(app.reads)) {
    const before = earlierDay(addDays(today, -retentionDays), needed);
    await app.db.query(
      `delete from usage_records where kind = $1 and granularity in ('daily', 'hourly')
       and period_start < $2::date::timestamp at time zone 'UTC'`,
      [kind, before],
    );
  }
}
