import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import { addDays, type Day, dayOf } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf, rowWith } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { SubscriptionAddon } from '../../entities/subscription-addon.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { type AddonRow, MAX_ADDONS, requireAddon } from '../catalog/list-catalog.js';
import { getPlanVersion } from '../catalog/plan-versions.js';
import { rejectOtherCurrencies } from '../catalog/reject-other-currencies.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { isUuid } from '../paging/keyset.js';
import { findAttachedAddons, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { chooseStart } from './start-day.js';

/** Attaches an addon at its present terms; later changes of the catalog do not change them. */
export async function attachAddon(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionId: string,
  addonCode: string,
  requested: string | null | undefined,
): Promise<SubscriptionRow> {
  const today = dayOf(app.clock());
  return app.db.transaction(async (db) => {
    const subscription = await lockSubscription(db, viewer, subscriptionId);
    rejectCancelled(subscription);
    const startsOn = chooseStart(viewer, requested ?? laterThanToday(subscription.startsOn, today), today);
    if (startsOn < subscription.startsOn) {
      throw BadUserInputError.at('startsOn', `the subscription begins on ${subscription.startsOn}`);
    }
    const addon = await requireAddon(query(db), addonCode, 'addonCode');
    const version = await getPlanVersion(query(db), subscription.planVersionId);
    rejectOtherCurrencies(version.basePrice.currency, [addon], 'addonCode');
    const attached = await findAttachedAddons(query(db), [subscriptionId]);
    if (attached.length >= MAX_ADDONS) throw new ConflictError(`A subscription has at most ${MAX_ADDONS} addons.`);
    await rejectIssuedMonths(db, { tenantId: subscription.tenantId, from: startsOn, path: 'startsOn' });
    await attachOnce(db, subscriptionId, addon, startsOn);
    return subscription;
  });
}

const DetachedAddon = rowWith(rowOf(SubscriptionAddon, ['id']), { isSame: z.boolean() });

/**
 * An addon that was detached on that day is attached again, so that the day is billed once. If its terms changed since, it is
 * attached at the new terms from the next day on.
 */
async function attachOnce(db: EntityManager, subscriptionId: string, addon: AddonRow, startsOn: Day): Promise<void> {
  const { id, name, kind, quantity, price } = addon;
  const day = shared(startsOn);
  const detached = await query(db).many(
    DetachedAddon,
    sql`/* find-detached-addons */ select id, (name, kind, quantity, price_cents, currency)
       = (${name}::text, ${kind}::text, ${quantity}::numeric, ${price.cents}::bigint, ${price.currency}::text) as "isSame"
     from subscription_addons where subscription_id = ${subscriptionId} and addon_id = ${id}
       and starts_on <= ${day}::date and until_day = ${day}::date + 1
     order by subscription_addons.starts_on, subscription_addons.id`,
  );
  const same = detached.find(({ isSame }) => isSame);
  if (same) {
    await query(db).execute(
      sql`/* reattach-addon */ update subscription_addons set until_day = null where id = ${same.id}`,
    );
  } else await insertAddons(db, subscriptionId, [addon], detached.length > 0 ? addDays(startsOn, 1) : startsOn);
}

function laterThanToday(startsOn: Day, today: Day): Day | null {
  return startsOn > today ? startsOn : null;
}

const AddonOwner = rowOf(SubscriptionAddon, ['subscriptionId']);

/** Detaches an addon; today is still billed. Throws NOT_FOUND, or CONFLICT if it is detached already. */
export async function detachAddon(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionAddonId: string,
): Promise<SubscriptionRow> {
  const unknown = new NotFoundError('subscription addon', subscriptionAddonId);
  if (!isUuid(subscriptionAddonId)) throw unknown;
  return app.db.transaction(async (db) => {
    const attached = await query(db).maybeOne(
      AddonOwner,
      sql`/* find-addon-owner */ select ${AddonOwner.columns('addon')} from subscription_addons addon
        where addon.id = ${subscriptionAddonId}`,
    );
    if (!attached) throw unknown;
    const subscription = await lockSubscription(db, viewer, attached.subscriptionId).catch((error) => {
      throw error instanceof NotFoundError ? unknown : error;
    });
    const tomorrow = addDays(dayOf(app.clock()), 1);
    const detached = await query(db).execute(
      sql`/* detach-addon */ update subscription_addons set until_day = greatest(starts_on, ${tomorrow}::date)
        where id = ${subscriptionAddonId} and until_day is null`,
    );
    if (detached === 0) throw new ConflictError('This addon is detached already.');
    return subscription;
  });
}

/** Copies the terms of each addon to the subscription. */
export async function insertAddons(
  db: EntityManager,
  subscriptionId: string,
  addons: readonly AddonRow[],
  startsOn: Day,
): Promise<void> {
  for (const { id, name, kind, quantity, price } of addons) {
    await query(db).execute(
      sql`/* insert-subscription-addon */ insert into subscription_addons
          (subscription_id, addon_id, name, kind, quantity, price_cents, currency, starts_on)
        values (${subscriptionId}, ${id}, ${name}, ${kind}, ${quantity}, ${price.cents}, ${price.currency}, ${startsOn})`,
    );
  }
}

/** Throws CONFLICT. */
export function rejectCancelled(subscription: SubscriptionRow): void {
  if (subscription.status === 'cancelled') throw new ConflictError('This subscription is cancelled.');
}
