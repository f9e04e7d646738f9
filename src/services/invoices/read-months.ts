import { z } from 'zod';
import type { DeploymentMonth } from '../../core/invoices/invoice.js';
import { groupBy } from '../../core/lists/group-by.js';
import { BILLING_KINDS } from '../../core/metering/billing-kind.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import type { LlmCharges } from '../../core/pricing/llm-usage-line.js';
import type { PlanVersionTerms, ResourcePrice } from '../../core/pricing/plan.js';
import type { AttachedAddon, SubscriptionTerms } from '../../core/pricing/price-month.js';
import { nextPeriod, type Period } from '../../core/time/period.js';
import { DayShape } from '../../core/time/period-shapes.js';
import type { Queries } from '../../database/queries.js';
import type { Reads } from '../../database/reads.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { findPlanVersions } from '../catalog/plan-versions.js';
import { readUsage } from './read-usage.js';

type MonthQueries = Queries & Pick<Reads, 'query'>;

/** A deployment's subscriptions and usage in a month; the gateway's charges come from elsewhere. */
export interface SubscribedMonth extends Omit<DeploymentMonth, 'llmCharges'> {
  readonly tenantId: string;
}

/** Days on which a plan version is in force for a deployment. */
const SegmentRow = rowShape({
  tenantId: z.string(),
  deploymentId: z.string(),
  subscriptionId: z.string(),
  planVersionId: z.string(),
  from: DayShape,
  until: DayShape.nullable(),
});
type SegmentRow = RowOf<typeof SegmentRow>;

/**
 * Subscriptions and usage of the month for every subscribed deployment of the tenants. Deployments whose billing is suspended
 * are left out. Four statements for any number of tenants, one after the other: they may run on a transaction's one connection.
 */
export async function readMonths(
  queries: MonthQueries,
  period: Period,
  tenantIds: readonly string[],
  resourcePrices: readonly ResourcePrice[],
): Promise<SubscribedMonth[]> {
  const segments = await queries.many(
    SegmentRow,
    sql`/* read-segments */ select deployment.tenant_id as "tenantId", deployment.id as "deploymentId",
       subscription.id as "subscriptionId", segment.plan_version_id as "planVersionId", segment.from_day::text as "from",
       segment.until_day::text as until
     from deployments deployment join subscriptions subscription on subscription.deployment_id = deployment.id
     join subscription_segments segment on segment.subscription_id = subscription.id
     where deployment.tenant_id = any(${tenantIds}::text[]) and not deployment.billing_action_suspended
       and segment.from_day < ${nextPeriod(period)}::date
       and (segment.until_day is null or segment.until_day > greatest(${period}::date, segment.from_day))`,
  );
  const versions = await findPlanVersions(queries, distinct(segments.map((segment) => segment.planVersionId)));
  const addons = await readAddons(queries, distinct(segments.map((segment) => segment.subscriptionId)));
  const usage = await readUsage(queries, period, segments, resourcePrices);
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

const AddonRow = rowShape({
  subscriptionId: z.string(),
  from: DayShape,
  until: DayShape.nullable(),
  addon: z.object({
    code: z.string(),
    name: z.string(),
    kind: z.enum(BILLING_KINDS),
    quantity: z.string(),
    price: MoneyShape,
  }),
});

async function readAddons(
  queries: Queries,
  subscriptionIds: readonly string[],
): Promise<Map<string, RowOf<typeof AddonRow>[]>> {
  const rows = await queries.many(
    AddonRow,
    sql`/* read-addons */ select attached.subscription_id as "subscriptionId", attached.starts_on::text as "from",
       attached.until_day::text as until,
       json_build_object('code', addon.code, 'name', attached.name, 'kind', attached.kind,
         'quantity', trim_scale(attached.quantity)::text,
         'price', json_build_object('cents', attached.price_cents, 'currency', attached.currency)) as addon
     from subscription_addons attached join addons addon on addon.id = attached.addon_id
     where attached.subscription_id = any(${subscriptionIds}::uuid[])`,
  );
  return groupBy(rows, (row) => row.subscriptionId);
}

/** Each deployment's month with its charges; one that was charged without a subscription has a month too. */
export function withCharges(
  months: readonly SubscribedMonth[],
  charges: readonly (LlmCharges & { readonly deploymentId: string })[],
): DeploymentMonth[] {
  const subscribed = new Map(months.map((month) => [month.deploymentId, month]));
  const chargesOf = groupBy(charges, (charge) => charge.deploymentId);
  const deploymentIds = [...new Set([...subscribed.keys(), ...chargesOf.keys()])];
  return deploymentIds.map((deploymentId) => ({
    deploymentId,
    subscriptions: subscribed.get(deploymentId)?.subscriptions ?? [],
    usage: subscribed.get(deploymentId)?.usage ?? [],
    llmCharges: chargesOf.get(deploymentId) ?? [],
  }));
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
