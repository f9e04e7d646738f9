import { z } from 'zod';
import { CURRENCIES } from '../../core/money/money.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import type { Queries } from '../../database/queries.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { type Sql, shared, sql } from '../../database/sql.js';

/**
 * A set (deployment_id, currency, from_day, until_day): the currency of each deployment's plan by day, without gaps. The
 * first plan also counts for all days before it, the last plan for all days after it. A deployment that never had a
 * subscription is not in the set. `condition` restricts `subscription` or `deployment`.
 */
export function planCurrencies(condition: Sql): Sql {
  return sql`select subscription.deployment_id, version.currency,
      case when row_number() over own = 1 then '-infinity'::date else segment.from_day end as from_day,
      coalesce(lead(segment.from_day) over own, 'infinity'::date) as until_day
    from deployments deployment join subscriptions subscription on subscription.deployment_id = deployment.id
    join subscription_segments segment on segment.subscription_id = subscription.id
    join plan_versions version on version.id = segment.plan_version_id
    where ${condition} and (segment.until_day is null or segment.until_day > segment.from_day)
    window own as (partition by subscription.deployment_id order by segment.from_day, segment.id)`;
}

/** A condition: the row of `plan` (see `planCurrencies`) is in force on the UTC day of `event.occurred_at`. */
export const PLAN_ON_DAY = sql`(event.occurred_at at time zone 'UTC')::date >= plan.from_day
  and (event.occurred_at at time zone 'UTC')::date < plan.until_day`;

/**
 * A condition: `event` is billed now. Charges of a trial's days are never billed. Charges of a deployment whose billing is
 * suspended are billed once it is no longer suspended.
 */
export const IS_CHARGED = sql`not exists (select from subscriptions trial where trial.deployment_id = event.deployment_id
    and trial.trial_ends_at is not null and event.occurred_at >= trial.created_at and event.occurred_at < trial.trial_ends_at)
  and not exists (select from deployments held where held.id = event.deployment_id and held.billing_action_suspended)`;

const UnbillableCharges = rowShape({
  tenantId: z.string(),
  deploymentId: z.string(),
  period: PeriodShape,
  currency: z.enum(CURRENCIES),
  /** Of the plan on those days: the reason. */
  planCurrency: z.enum(CURRENCIES),
  requestCount: z.int(),
  /** Exact sum in major units. */
  charge: z.string(),
});
/** The gateway's charges to one deployment in one month that no invoice can bill. */
export type UnbillableCharges = RowOf<typeof UnbillableCharges>;

/** Invoices and reports show so many groups, and the total number beside them. */
const MAX_UNBILLABLE = 100;

/**
 * Charges in another currency than their deployment's plan: recorded before such charges were rejected, or before a
 * subscription was backdated. By tenant, deployment and month; the first 100 groups.
 */
export async function listUnbillableCharges(
  queries: Queries,
  { before, tenantId }: { readonly before: string; readonly tenantId: string | null },
): Promise<UnbillableCharges[]> {
  const tenant = shared(tenantId);
  return queries.many(
    UnbillableCharges,
    sql`/* list-unbillable-charges */
     with plan as materialized (${planCurrencies(sql`(${tenant}::text is null or deployment.tenant_id = ${tenant})`)})
     select deployment.tenant_id as "tenantId", event.deployment_id as "deploymentId",
       date_trunc('month', event.occurred_at at time zone 'UTC')::date::text as period, event.currency,
       plan.currency as "planCurrency", count(*)::int as "requestCount", trim_scale(sum(event.charge))::text as charge
     from llm_usage_events event join plan on plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
     join deployments deployment on deployment.id = event.deployment_id
     where event.invoice_id is null and event.occurred_at < ${before}::date::timestamp at time zone 'UTC'
       and event.currency <> plan.currency
     group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4 limit ${MAX_UNBILLABLE}`,
  );
}
