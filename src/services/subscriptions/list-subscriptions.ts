import type { Money } from '../../core/money/money.js';
import type { Day } from '../../core/time/period.js';
import type { Reads } from '../../database/reads.js';
import type { Subscription } from '../../entities/subscription.js';

type Sql = Pick<Reads, 'query'>;

export interface SubscriptionRow extends Subscription {
  readonly tenantId: string;
}

export interface SubscriptionAddonRow {
  readonly id: string;
  readonly subscriptionId: string;
  readonly addonId: string;
  readonly quantity: string;
  readonly price: Money;
  readonly startsOn: Day;
}

const SELECT = `select subscription.id, subscription.deployment_id as "deploymentId", subscription.plan_version_id as "planVersionId",
    subscription.status, subscription.starts_on::text as "startsOn", subscription.trial_ends_at as "trialEndsAt",
    subscription.created_at as "createdAt", deployment.tenant_id as "tenantId"
  from subscriptions subscription join deployments deployment on deployment.id = subscription.deployment_id`;

export async function findSubscriptions(sql: Sql, ids: readonly string[]): Promise<SubscriptionRow[]> {
  return sql.query<SubscriptionRow>(`${SELECT} where subscription.id = any($1::uuid[])`, [ids]);
}

/** The active or paused subscription of each deployment that has one. */
export async function findLiveSubscriptions(sql: Sql, deploymentIds: readonly string[]): Promise<SubscriptionRow[]> {
  return sql.query<SubscriptionRow>(
    `${SELECT} where subscription.deployment_id = any($1::uuid[]) and subscription.status <> 'cancelled'`,
    [deploymentIds],
  );
}

/** Those still attached, in the order in which they begin. */
export async function findAttachedAddons(
  sql: Sql,
  subscriptionIds: readonly string[],
): Promise<SubscriptionAddonRow[]> {
  return sql.query<SubscriptionAddonRow>(
    `select id, subscription_id as "subscriptionId", addon_id as "addonId", trim_scale(quantity)::text as quantity,
       json_build_object('cents', price_cents, 'currency', currency) as price, starts_on::text as "startsOn"
     from subscription_addons where subscription_id = any($1::uuid[]) and until_day is null
     order by subscription_addons.starts_on, subscription_addons.id`,
    [subscriptionIds],
  );
}

/** The same by subscription, for all of them at once; one without addons is left out. */
export async function findAddonLists(
  sql: Sql,
  subscriptionIds: readonly string[],
): Promise<{ subscriptionId: string; addons: SubscriptionAddonRow[] }[]> {
  const lists = new Map<string, SubscriptionAddonRow[]>();
  for (const addon of await findAttachedAddons(sql, subscriptionIds)) {
    const list = lists.get(addon.subscriptionId) ?? [];
    lists.set(addon.subscriptionId, [...list, addon]);
  }
  return [...lists].map(([subscriptionId, addons]) => ({ subscriptionId, addons }));
}
