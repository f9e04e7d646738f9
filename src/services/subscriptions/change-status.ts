import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { SubscriptionEffect } from '../../core/deployments/deployment-state.js';
import type { SubscriptionStatus } from '../../core/deployments/subscription-status.js';
import { addDays, type Day, dayOf, startOfDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { shared, sql } from '../../database/sql.js';
import { ConflictError } from '../../errors.js';
import { firstOpenDay } from '../issued-months/first-open-day.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { findLiveSubscriptions, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { closeSegment, openSegment } from './segments.js';

/**
 * Applies a deployment's new state to its live subscription, if it has one. The day on which billing stops is billed, and so
 * is the day on which it resumes. Throws IssuedMonthError if billing would resume in a month with an issued invoice.
 */
export async function applyToLiveSubscription(
  db: EntityManager,
  deploymentId: string,
  effect: SubscriptionEffect,
  today: Day,
): Promise<void> {
  if (effect === 'none') return;
  const [live] = await findLiveSubscriptions(query(db), [deploymentId]);
  if (!live) return;
  if (effect === 'resume') {
    if (live.trialEndsAt !== null && live.trialEndsAt > startOfDay(today)) await startBilling(db, live, today);
    if (live.status !== 'paused') return;
    await setStatus(db, live.id, 'active');
    const from = live.startsOn > today ? live.startsOn : today;
    await rejectIssuedMonths(db, { tenantId: live.tenantId, from });
    await openSegment(db, { subscriptionId: live.id, planVersionId: live.planVersionId, from });
    return;
  }
  await setStatus(db, live.id, effect === 'pause' ? 'paused' : 'cancelled');
  if (effect !== 'pause') await endTrial(db, live.id, addDays(today, 1));
  const end =
    effect === 'cancel_unbilled'
      ? await firstOpenDay(db, { tenantId: live.tenantId, from: live.startsOn })
      : addDays(today, 1);
  await closeSegment(db, live.id, end);
}

/** Cancels a subscription; today is still billed. Its deployment does not change. Throws CONFLICT if it is cancelled. */
export async function cancelSubscription(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  id: string,
): Promise<SubscriptionRow> {
  return app.db.transaction(async (db) => {
    const subscription = await lockSubscription(db, viewer, id);
    if (subscription.status === 'cancelled') throw new ConflictError('This subscription is cancelled already.');
    await setStatus(db, id, 'cancelled');
    await endTrial(db, id, addDays(dayOf(app.clock()), 1));
    await closeSegment(db, id, addDays(dayOf(app.clock()), 1));
    return { ...subscription, status: 'cancelled' };
  });
}

async function setStatus(db: EntityManager, id: string, status: SubscriptionStatus): Promise<void> {
  await query(db).execute(
    sql`/* set-subscription-status */ update subscriptions set status = ${status} where id = ${id}`,
  );
}

/** A trial that ends early: the subscription, and the addons that were to begin with it, are billed from `day` on. */
async function startBilling(db: EntityManager, { id, startsOn }: SubscriptionRow, day: Day): Promise<void> {
  await query(db).execute(
    sql`/* start-billing-addons */ update subscription_addons set starts_on = ${day}
      where subscription_id = ${id} and starts_on = ${startsOn}`,
  );
  await query(db).execute(
    sql`/* start-billing-segment */ update subscription_segments set from_day = ${day}
      where subscription_id = ${id} and until_day is null`,
  );
  await query(db).execute(
    sql`/* start-billing-subscription */ update subscriptions set starts_on = ${day} where id = ${id}`,
  );
  await endTrial(db, id, day);
}

/** LLM charges from that day on no longer belong to the trial. Changes nothing if there is no trial or it has ended. */
async function endTrial(db: EntityManager, id: string, day: Day): Promise<void> {
  const end = shared(startOfDay(day));
  await query(db).execute(
    sql`/* end-trial */ update subscriptions set trial_ends_at = ${end} where id = ${id} and trial_ends_at > ${end}`,
  );
}
