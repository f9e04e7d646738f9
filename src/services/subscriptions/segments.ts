import type { EntityManager } from 'typeorm';
import type { Day } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';

export interface NewSegment {
  readonly subscriptionId: string;
  readonly planVersionId: string;
  readonly from: Day;
}

/** Opens a segment on `from`, or on the day after the last billed day: no day is billed twice. */
export async function openSegment(
  db: EntityManager,
  { subscriptionId, planVersionId, from }: NewSegment,
): Promise<void> {
  await query(db).execute(
    sql`/* open-segment */ insert into subscription_segments (subscription_id, plan_version_id, from_day)
      select ${subscriptionId}::uuid, ${planVersionId}::uuid, greatest(${from}::date, max(until_day))
      from subscription_segments where subscription_id = ${subscriptionId}::uuid and until_day > from_day`,
  );
}

/** Closes the open segment. `until` is the first day that is not billed; a segment that begins later bills nothing. */
export async function closeSegment(db: EntityManager, subscriptionId: string, until: Day): Promise<void> {
  await query(db).execute(
    sql`/* close-segment */ update subscription_segments set until_day = greatest(from_day, ${until}::date)
      where subscription_id = ${subscriptionId} and until_day is null`,
  );
}

/** Puts another version in force from `from` on. Replaces the version of a segment that was not in force for a whole day. */
export async function switchSegment(db: EntityManager, segment: NewSegment): Promise<void> {
  const { subscriptionId, planVersionId, from } = segment;
  const replaced = await query(db).execute(
    sql`/* switch-segment */ update subscription_segments set plan_version_id = ${planVersionId}
      where subscription_id = ${subscriptionId} and until_day is null and from_day >= ${from}::date`,
  );
  if (replaced > 0) return;
  await closeSegment(db, subscriptionId, from);
  await openSegment(db, segment);
}
