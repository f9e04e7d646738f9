import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { SubscriptionEffect } from '../../core/deployment-state.js';
import { addDays, type Day, dayOf } from '../../core/period.js';
import type { SubscriptionStatus } from '../../core/subscription-status.js';
import { readsWithin } from '../../database/reads.js';
import { ConflictError } from '../../errors.js';
import { rejectIssuedMonths } from '../invoices/reject-issued-month.js';
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
    if (live.status !== 'paused') return;
    await setStatus(db, live.id, 'active');
    const from = live.startsOn > today ? live.startsOn : today;
    await rejectIssuedMonths(db, { tenantId: live.tenantId, from });
    await openSegment(db, { subscriptionId: live.id, planVersionId: live.planVersionId, from });
    return;
  }
  await setStatus(db, live.id, effect === 'pause' ? 'paused' : 'cancelled');
  await closeSegment(db, live.id, effect === 'cancel_unbilled' ? live.startsOn : addDays(today, 1));
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
    await closeSegment(db, id, addDays(dayOf(app.clock()), 1));
    return { ...subscription, status: 'cancelled' };
  });
}

async function setStatus(db: EntityManager, id: string, status: SubscriptionStatus): Promise<void> {
  await db.query('update subscriptions set status = $2 where id = $1', [id, status]);
}
