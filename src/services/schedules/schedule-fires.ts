import type { DataSource } from 'typeorm';
import type { App } from '../../context.js';

/** Notes that a schedule's job is at work now. */
export async function recordScheduleFire(app: Pick<App, 'db'>, scheduleId: string): Promise<void> {
  await app.db.query(
    `insert into schedule_fires (schedule_id, fired_at) values ($1, clock_timestamp())
     on conflict (schedule_id) do update set fired_at = excluded.fired_at`,
    [scheduleId],
  );
}

/** When any schedule last fired; null: none has yet. */
export async function lastScheduleFire(db: DataSource): Promise<Date | null> {
  const [row]: { at: Date | null }[] = await db.query('select max(fired_at) as at from schedule_fires');
  return row?.at ?? null;
}
