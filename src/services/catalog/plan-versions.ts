import { z } from 'zod';
import { BILLING_KINDS } from '../../core/metering/billing-kind.js';
import { MoneyShape } from '../../core/money/money-shape.js';
import type { Queries } from '../../database/queries.js';
import { type RowOf, rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';
import { PlanVersion } from '../../entities/plan-version.js';
import { isUuid } from '../paging/keyset.js';

const Columns = rowOf(PlanVersion, [
  'id',
  'planId',
  'version',
  'status',
  'allowedSizes',
  'maxDeployments',
  'publishedAt',
  'retiredAt',
]);

/** A version with its plan's names and its items in the order of the billing kinds: what the engine prices by. */
export const PlanVersionRow = rowWith(Columns, {
  planCode: z.string(),
  planName: z.string(),
  basePrice: MoneyShape,
  items: z.array(
    z.strictObject({
      kind: z.enum(BILLING_KINDS),
      includedQuantity: z.string(),
      overageUnit: z.string(),
      overagePriceCents: z.string().nullable(),
      hardCapQuantity: z.string().nullable(),
    }),
  ),
});
export type PlanVersionRow = RowOf<typeof PlanVersionRow>;

const KIND_ORDER = rawSql(`array['${BILLING_KINDS.join("', '")}']`);
const SELECT: Sql = sql`select ${Columns.columns('version')}, plan.code as "planCode", plan.name as "planName",
    json_build_object('cents', version.base_price_cents, 'currency', version.currency) as "basePrice",
    coalesce((
      select json_agg(json_build_object('kind', item.kind, 'includedQuantity', trim_scale(item.included_quantity)::text,
        'overageUnit', item.overage_unit, 'overagePriceCents', trim_scale(item.overage_price_cents)::text,
        'hardCapQuantity', trim_scale(item.hard_cap_quantity)::text) order by array_position(${KIND_ORDER}, item.kind))
      from plan_items item where item.plan_version_id = version.id), '[]') as items
  from plan_versions version join plans plan on plan.id = version.plan_id`;

export async function findPlanVersions(queries: Queries, ids: readonly string[]): Promise<PlanVersionRow[]> {
  return queries.many(
    PlanVersionRow,
    sql`/* find-plan-versions */ ${SELECT} where version.id = any(${ids.filter(isUuid)}::uuid[])`,
  );
}

export async function findPlanVersion(queries: Queries, id: string): Promise<PlanVersionRow | null> {
  return (await findPlanVersions(queries, [id]))[0] ?? null;
}

/** A version that the caller knows to exist. */
export async function getPlanVersion(queries: Queries, id: string): Promise<PlanVersionRow> {
  return queries.one(PlanVersionRow, sql`/* get-plan-version */ ${SELECT} where version.id = ${id}`);
}

/** Newest first. */
export async function listPlanVersions(queries: Queries, planId: string): Promise<PlanVersionRow[]> {
  return queries.many(
    PlanVersionRow,
    sql`/* list-plan-versions */ ${SELECT} where version.plan_id = ${planId} order by version.version desc`,
  );
}

/** The version in force of each plan that has one. */
export async function findActiveVersions(queries: Queries, planIds: readonly string[]): Promise<PlanVersionRow[]> {
  return queries.many(
    PlanVersionRow,
    sql`/* find-active-plan-versions */ ${SELECT}
      where version.plan_id = any(${planIds}::uuid[]) and version.status = 'active'`,
  );
}

/** The active version of the plan with that code; null if there is no such plan or none of its versions is active. */
export async function findActiveVersion(queries: Queries, planCode: string): Promise<PlanVersionRow | null> {
  return queries.maybeOne(
    PlanVersionRow,
    sql`/* find-active-plan-version */ ${SELECT} where plan.code = ${planCode} and version.status = 'active'`,
  );
}

const SubscriberCount = rowShape({ planVersionId: z.string(), count: z.int() });
export type SubscriberCount = RowOf<typeof SubscriberCount>;

/** Live subscriptions by version; a version without any is left out. */
export async function countSubscribers(queries: Queries, versionIds: readonly string[]): Promise<SubscriberCount[]> {
  return queries.many(
    SubscriberCount,
    sql`/* count-subscribers */ select plan_version_id as "planVersionId", count(*)::int as count from subscriptions
      where plan_version_id = any(${versionIds}::uuid[]) and status <> 'cancelled' group by plan_version_id`,
  );
}
