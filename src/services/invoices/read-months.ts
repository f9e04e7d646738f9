import type { DeploymentMonth } from '../../core/invoices/invoice.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { LlmCharges } from '../../core/pricing/llm-usage-line.js';
import type { AddonTerms, PlanVersionTerms, ResourcePrice } from '../../core/pricing/plan.js';
import type { AttachedAddon, SubscriptionTerms } from '../../core/pricing/price-month.js';
import { type Day, nextPeriod, type Period } from '../../core/time/period.js';
import type { Queries } from '../../database/queries.js';
import type { Reads } from '../../database/reads.js';
import { findPlanVersions } from '../catalog/plan-versions.js';
import { readUsage } from './read-usage.js';

type Sql = Queries & Pick<Reads, 'query'>;

/** A deployment's subscriptions and usage in a month; the gateway's charges come from elsewhere. */
export interface SubscribedMonth extends Omit<DeploymentMonth, 'llmCharges'> {
  readonly tenantId: string;
}

/** Days on which a plan version is in force for a deployment. */
export interface SegmentRow {
  readonly tenantId: string;
  readonly deploymentId: string;
  readonly subscriptionId: string;
  readonly planVersionId: string;
  readonly from: Day;
  readonly until: Day | null;
}

/**
 * What the month of every subscribed deployment of those tenants depends on, but for those whose billing is suspended: four statements, however many they are, one
 * after the other, since they may run on a transaction's one connection.
 */
export async function readMonths(
  sql: Sql,
  period: Period,
  tenantIds: readonly string[],
  resourcePrices: readonly ResourcePrice[],
): Promise<SubscribedMonth[]> {
  const segments = await sql.query<SegmentRow>(
    `select deployment.tenant_id as "tenantId", deployment.id as "deploymentId", subscription.id as "subscriptionId",
       segment.plan_version_id as "planVersionId", segment.from_day::text as "from", segment.until_day::text as until
     from deployments deployment join subscriptions subscription on subscription.deployment_id = deployment.id
     join subscription_segments segment on segment.subscription_id = subscription.id
     where deployment.tenant_id = any($1::text[]) and not deployment.billing_action_suspended and segment.from_day < $3::date
       and (segment.until_day is null or segment.until_day > greatest($2::date, segment.from_day))`,
    [tenantIds, period, nextPeriod(period)],
  );
  const versions = await findPlanVersions(sql, distinct(segments.map((segment) => segment.planVersionId)));
  const addons = await readAddons(sql, distinct(segments.map((segment) => segment.subscriptionId)));
  const usage = await readUsage(sql, period, segments, resourcePrices);
  const versionById = new Map(versions.map((version) => [version.id, version]));
  return [...groupBy(segments, (segment) => segment.deploymentId)].map(([deploymentId, own]) => ({
    deploymentId,
    tenantId: (own[0] as SegmentRow).tenantId,
    subscriptions: subscriptionsOf(own, versionById, addons),
    usage: usage.get(deploymentId) ?? [],
  }));
}

function subscriptionsOf(
  segments: readonly SegmentRow[],
  versionById: ReadonlyMap<string, PlanVersionTerms>,
  addons: ReadonlyMap<string, AttachedAddon[]>,
): SubscriptionTerms[] {
  return [...groupBy(segments, (segment) => segment.subscriptionId)].map(([subscriptionId, own]) => ({
    segments: own.map(({ planVersionId, from, until }) => {
      return { plan: versionById.get(planVersionId) as PlanVersionTerms, from, until };
    }),
    addons: addons.get(subscriptionId) ?? [],
  }));
}

async function readAddons(sql: Sql, subscriptionIds: readonly string[]): Promise<Map<string, AttachedAddon[]>> {
  const rows = await sql.query<AttachedAddon & { subscriptionId: string; addon: AddonTerms }>(
    `select attached.subscription_id as "subscriptionId", attached.starts_on::text as "from", attached.until_day::text as until,
       json_build_object('code', addon.code, 'name', attached.name, 'kind', attached.kind,
         'quantity', trim_scale(attached.quantity)::text,
         'price', json_build_object('cents', attached.price_cents, 'currency', attached.currency)) as addon
     from subscription_addons attached join addons addon on addon.id = attached.addon_id
     where attached.subscription_id = any($1::uuid[])`,
    [subscriptionIds],
  );
  return groupBy(rows, (row) => row.subscriptionId);
}

/** Each deployment's month with its charges; one that was charged without a subscription has a month too. */
export function withCharges(
  months: readonly SubscribedMonth[],
  charges: readonly (LlmCharges & { readonly deploymentId: string })[],
): DeploymentMonth[] {
  const subscribed = new Map(months.map((month) => [month.deploymentId, month]));
  const deploymentIds = [...new Set([...subscribed.keys(), ...charges.map((charge) => charge.deploymentId)])];
  return deploymentIds.map((deploymentId) => ({
    deploymentId,
    subscriptions: subscribed.get(deploymentId)?.subscriptions ?? [],
    usage: subscribed.get(deploymentId)?.usage ?? [],
    llmCharges: charges.filter((charge) => charge.deploymentId === deploymentId),
  }));
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
