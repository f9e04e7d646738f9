import { BILLING_KINDS } from '../../core/metering/billing-kind.js';
import type { PlanAllowance, PlanVersionStatus, PlanVersionTerms } from '../../core/pricing/plan.js';
import type { Reads } from '../../database/reads.js';
import { isUuid } from '../paging/keyset.js';

/** A version with its items: what the engine prices by, and how the version stands. */
export interface PlanVersionRow extends PlanVersionTerms, PlanAllowance {
  readonly planId: string;
  readonly status: PlanVersionStatus;
  readonly publishedAt: Date | null;
  readonly retiredAt: Date | null;
}

const KIND_ORDER = `array['${BILLING_KINDS.join("', '")}']`;
const SELECT = `select version.id, version.plan_id as "planId", plan.code as "planCode", plan.name as "planName", version.version,
    version.status, version.allowed_sizes as "allowedSizes", version.max_deployments as "maxDeployments",
    version.published_at as "publishedAt", version.retired_at as "retiredAt",
    json_build_object('cents', version.base_price_cents, 'currency', version.currency) as "basePrice",
    coalesce((
      select json_agg(json_build_object('kind', item.kind, 'includedQuantity', trim_scale(item.included_quantity)::text,
        'overageUnit', item.overage_unit, 'overagePriceCents', trim_scale(item.overage_price_cents)::text,
        'hardCapQuantity', trim_scale(item.hard_cap_quantity)::text) order by array_position(${KIND_ORDER}, item.kind))
      from plan_items item where item.plan_version_id = version.id), '[]') as items
  from plan_versions version join plans plan on plan.id = version.plan_id`;

type Sql = Pick<Reads, 'query'>;

export async function findPlanVersions(sql: Sql, ids: readonly string[]): Promise<PlanVersionRow[]> {
  return sql.query<PlanVersionRow>(`${SELECT} where version.id = any($1::uuid[])`, [ids.filter(isUuid)]);
}

export async function findPlanVersion(sql: Sql, id: string): Promise<PlanVersionRow | null> {
  return (await findPlanVersions(sql, [id]))[0] ?? null;
}

/** Newest first. */
export async function listPlanVersions(sql: Sql, planId: string): Promise<PlanVersionRow[]> {
  return sql.query<PlanVersionRow>(`${SELECT} where version.plan_id = $1 order by version.version desc`, [planId]);
}

/** The version in force of each of the plans that has one. */
export async function findActiveVersions(sql: Sql, planIds: readonly string[]): Promise<PlanVersionRow[]> {
  return sql.query<PlanVersionRow>(`${SELECT} where version.plan_id = any($1::uuid[]) and version.status = 'active'`, [
    planIds,
  ]);
}

/** Live subscriptions by version; a version that nobody is on is left out. */
export async function countSubscribers(
  sql: Sql,
  versionIds: readonly string[],
): Promise<{ planVersionId: string; count: number }[]> {
  return sql.query(
    `select plan_version_id as "planVersionId", count(*)::int as count from subscriptions
     where plan_version_id = any($1::uuid[]) and status <> 'cancelled' group by plan_version_id`,
    [versionIds],
  );
}
