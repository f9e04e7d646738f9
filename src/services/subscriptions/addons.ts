import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { addDays, type Day, dayOf } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { type AddonRow, MAX_ADDONS, requireAddons } from '../catalog/list-catalog.js';
import { findPlanVersion } from '../catalog/plan-versions.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { isUuid } from '../paging/keyset.js';
import { rejectOtherCurrencies } from '../validation/problems.js';
import { findAttachedAddons, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { chooseStart } from './start-day.js';

/** Attaches an addon as the catalog has it now; what the catalog says later leaves it alone. */
export async function attachAddon(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionId: string,
  addonCode: string,
  asked: string | null | undefined,
): Promise<SubscriptionRow> {
  const today = dayOf(app.clock());
  return app.db.transaction(async (db) => {
    const subscription = await lockSubscription(db, viewer, subscriptionId);
    rejectCancelled(subscription);
    const startsOn = chooseStart(viewer, asked ?? laterThanToday(subscription.startsOn, today), today);
    if (startsOn < subscription.startsOn) {
      throw BadUserInputError.at('startsOn', `the subscription begins on ${subscription.startsOn}`);
    }
    const addons = await requireAddons(readsWithin(db), [addonCode], 'addonCode').catch((error) => {
      throw error instanceof BadUserInputError
        ? BadUserInputError.at('addonCode', `there is no addon "${addonCode}"`)
        : error;
    });
    const version = await findPlanVersion(readsWithin(db), subscription.planVersionId);
    if (version) rejectOtherCurrencies(version.basePrice.currency, addons, 'addonCode');
    const attached = await findAttachedAddons(readsWithin(db), [subscriptionId]);
    if (attached.length >= MAX_ADDONS) throw new ConflictError(`A subscription has at most ${MAX_ADDONS} addons.`);
    await rejectIssuedMonths(db, { tenantId: subscription.tenantId, from: startsOn, path: 'startsOn' });
    for (const addon of addons) await attachOnce(db, subscriptionId, addon, startsOn);
    return subscription;
  });
}

/**
 * One that was detached on that day goes on as if it never had been: a day is billed once. At other terms it begins on the day
 * after.
 */
async function attachOnce(db: EntityManager, subscriptionId: string, addon: AddonRow, startsOn: Day): Promise<void> {
  const { id, name, kind, quantity, price } = addon;
  const detached: { id: string; isSame: boolean }[] = await db.query(
    `select id, (name, kind, quantity, price_cents, currency) = ($4::text, $5::text, $6::numeric, $7::bigint, $8::text) as "isSame"
     from subscription_addons where subscription_id = $1 and addon_id = $2 and starts_on <= $3::date and until_day = $3::date + 1
     order by subscription_addons.starts_on, subscription_addons.id`,
    [subscriptionId, id, startsOn, name, kind, quantity, price.cents, price.currency],
  );
  const same = detached.find(({ isSame }) => isSame);
  if (same) await db.query('update subscription_addons set until_day = null where id = $1', [same.id]);
  else await insertAddons(db, subscriptionId, [addon], detached.length > 0 ? addDays(startsOn, 1) : startsOn);
}

function laterThanToday(startsOn: Day, today: Day): Day | null {
  return startsOn > today ? startsOn : null;
}

/** Today is still billed. */
export async function detachAddon(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionAddonId: string,
): Promise<SubscriptionRow> {
  const unknown = new NotFoundError('subscription addon', subscriptionAddonId);
  if (!isUuid(subscriptionAddonId)) throw unknown;
  return app.db.transaction(async (db) => {
    const [attached]: { subscriptionId: string }[] = await db.query(
      'select subscription_id as "subscriptionId" from subscription_addons where id = $1',
      [subscriptionAddonId],
    );
    if (!attached) throw unknown;
    const subscription = await lockSubscription(db, viewer, attached.subscriptionId).catch((error) => {
      throw error instanceof NotFoundError ? unknown : error;
    });
    const [, detached]: [unknown, number] = await db.query(
      `update subscription_addons set until_day = greatest(starts_on, $2::date) where id = $1 and until_day is null`,
      [subscriptionAddonId, addDays(dayOf(app.clock()), 1)],
    );
    if (detached === 0) throw new ConflictError('This addon is detached already.');
    return subscription;
  });
}

export async function insertAddons(
  db: EntityManager,
  subscriptionId: string,
  addons: readonly AddonRow[],
  startsOn: Day,
): Promise<void> {
  for (const { id, name, kind, quantity, price } of addons) {
    await db.query(
      `insert into subscription_addons (subscription_id, addon_id, name, kind, quantity, price_cents, currency, starts_on)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [subscriptionId, id, name, kind, quantity, price.cents, price.currency, startsOn],
    );
  }
}

export function rejectCancelled(subscription: SubscriptionRow): void {
  if (subscription.status === 'cancelled') throw new ConflictError('This subscription is cancelled.');
}
