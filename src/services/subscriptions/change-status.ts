import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { SubscriptionEffect } from '../../core/deployments/deployment-state.js';
import type { SubscriptionStatus } from '../../core/deployments/subscription-status.js';
import { addDays, type Day, dayOf, startOfDay } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { ConflictError } from '../../errors.js';
import { firstOpenDay } from '../issued-months/first-open-day.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { findLiveSubscriptions, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { closeSegment, openSegment } from './segments.js';

/** What a deployment's new state does to its live subscription. The day on which it stops is billed, so is the day on which it goes on. */
export async function applyToLiveSubscription(
  db: EntityManager,
  deploymentId: string,
  effect: SubscriptionEffect,
  today: Day,
): Promise<void> {
  if (effect === 'none') return;
  const [live] = await findLiveSubscriptions(readsWithin(db), [deploymentId]);
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

/** Ends a subscription today; today is still billed. Its deployment stays as it is. */
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
  await db.query('update subscriptions set status = $2 where id = $1', [id, status]);
}

/** A trial that is left early: its subscription, and the addons that were to begin with it, are billed from `day` on. */
async function startBilling(db: EntityManager, { id, startsOn }: SubscriptionRow, day: Day): Promise<void> {
  await db.query('update subscription_addons set starts_on = $2 where subscription_id = $1 and starts_on = $3', [
    id,
    day,
    startsOn,
  ]);
  await db.query('update subscription_segments set from_day = $2 where subscription_id = $1 and until_day is null', [
    id,
    day,
  ]);
  await db.query('update subscriptions set starts_on = $2 where id = $1', [id, day]);
  await endTrial(db, id, day);
}

/** Charges from that day on are no longer those of a trial. Nothing for one that has ended before, or that is none. */
async function endTrial(db: EntityManager, id: string, day: Day): Promise<void> {
  await db.query('update subscriptions set trial_ends_at = $2 where id = $1 and trial_ends_at > $2', [
    id,
    startOfDay(day),
  ]);
}
