import type { EntityManager } from 'typeorm';
import type { Day } from '../../core/time/period.js';

/** From that day on, or from the day after the last one that is billed already: no day is billed twice. */
export async function openSegment(
  db: EntityManager,
  segment: { readonly subscriptionId: string; readonly planVersionId: string; readonly from: Day },
): Promise<void> {
  await db.query(
    `insert into subscription_segments (subscription_id, plan_version_id, from_day)
     select $1, $2, greatest($3::date, max(until_day)) from subscription_segments
     where subscription_id = $1 and until_day > from_day`,
    [segment.subscriptionId, segment.planVersionId, segment.from],
  );
}

/** `until` is the first day that is not billed; a segment that begins later bills nothing. */
export async function closeSegment(db: EntityManager, subscriptionId: string, until: Day): Promise<void> {
  await db.query(
    `update subscription_segments set until_day = greatest(from_day, $2::date)
     where subscription_id = $1 and until_day is null`,
    [subscriptionId, until],
  );
}

/** Another version from `from` on; one that has not been in force for a whole day is replaced. */
export async function switchSegment(
  db: EntityManager,
  { subscriptionId, planVersionId, from }: { subscriptionId: string; planVersionId: string; from: Day },
): Promise<void> {
  const [, replaced]: [unknown, number] = await db.query(
    `update subscription_segments set plan_version_id = $2
     where subscription_id = $1 and until_day is null and from_day >= $3::date`,
    [subscriptionId, planVersionId, from],
  );
  if (replaced > 0) return;
  await closeSegment(db, subscriptionId, from);
  await openSegment(db, { subscriptionId, planVersionId, from });
}
