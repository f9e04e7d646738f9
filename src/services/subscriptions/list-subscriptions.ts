import { z } from 'zod';
import { groupBy } from '../../core/lists/group-by.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import type { Queries } from '../../database/queries.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Subscription } from '../../entities/subscription.js';
import { SubscriptionAddon } from '../../entities/subscription-addon.js';

const SubscriptionColumns = rowOf(Subscription);
export const SubscriptionRow = rowWith(SubscriptionColumns, { tenantId: z.string() });
export type SubscriptionRow = RowOf<typeof SubscriptionRow>;

const SELECT = sql`select ${SubscriptionColumns.columns('subscription')}, deployment.tenant_id as "tenantId"
  from subscriptions subscription join deployments deployment on deployment.id = subscription.deployment_id`;

export async function findSubscriptions(queries: Queries, ids: readonly string[]): Promise<SubscriptionRow[]> {
  return queries.many(
    SubscriptionRow,
    sql`/* find-subscriptions */ ${SELECT} where subscription.id = any(${ids}::uuid[])`,
  );
}

/** A subscription that the caller knows to exist. */
export async function getSubscription(queries: Queries, id: string): Promise<SubscriptionRow> {
  return queries.one(SubscriptionRow, sql`/* get-subscription */ ${SELECT} where subscription.id = ${id}`);
}

/** The active or paused subscription of each deployment that has one. */
export async function findLiveSubscriptions(
  queries: Queries,
  deploymentIds: readonly string[],
): Promise<SubscriptionRow[]> {
  return queries.many(
    SubscriptionRow,
    sql`/* find-live-subscriptions */ ${SELECT}
      where subscription.deployment_id = any(${deploymentIds}::uuid[]) and subscription.status <> 'cancelled'`,
  );
}

const AddonColumns = rowOf(SubscriptionAddon, ['id', 'subscriptionId', 'addonId', 'startsOn']);
export const SubscriptionAddonRow = rowWith(AddonColumns, { quantity: z.string(), price: MoneyShape });
export type SubscriptionAddonRow = RowOf<typeof SubscriptionAddonRow>;

/** The addons that are still attached, by their first billed day. */
export async function findAttachedAddons(
  queries: Queries,
  subscriptionIds: readonly string[],
): Promise<SubscriptionAddonRow[]> {
  return queries.many(
    SubscriptionAddonRow,
    sql`/* find-attached-addons */ select ${AddonColumns.columns('addon')}, trim_scale(addon.quantity)::text as quantity,
       json_build_object('cents', addon.price_cents, 'currency', addon.currency) as price
     from subscription_addons addon
     where addon.subscription_id = any(${subscriptionIds}::uuid[]) and addon.until_day is null
     order by addon.starts_on, addon.id`,
  );
}

export interface AddonList {
  readonly subscriptionId: string;
  readonly addons: readonly SubscriptionAddonRow[];
}

/** The attached addons of each subscription that has any. */
export async function findAddonLists(queries: Queries, subscriptionIds: readonly string[]): Promise<AddonList[]> {
  const addons = await findAttachedAddons(queries, subscriptionIds);
  return [...groupBy(addons, (addon) => addon.subscriptionId)].map(([subscriptionId, own]) => {
    return { subscriptionId, addons: own };
  });
}
