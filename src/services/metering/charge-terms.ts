import type { Currency } from '../../core/money/money.js';
import type { Period } from '../../core/time/period.js';
import type { Reads } from '../../database/reads.js';

/**
 * SQL of a set (deployment_id, currency, from_day, until_day): the currency of each deployment's plan by day, without gaps.
 * Days before the first subscription count as its own, days after the last one likewise. A deployment that never had a
 * subscription is not in the set. `whose` restricts `subscription` or `deployment`.
 */
export function planCurrencies(whose: string): string {
  return `select subscription.deployment_id, version.currency,
      case when row_number() over own = 1 then '-infinity'::date else segment.from_day end as from_day,
      coalesce(lead(segment.from_day) over own, 'infinity'::date) as until_day
    from deployments deployment join subscriptions subscription on subscription.deployment_id = deployment.id
    join subscription_segments segment on segment.subscription_id = subscription.id
    join plan_versions version on version.id = segment.plan_version_id
    where ${whose} and (segment.until_day is null or segment.until_day > segment.from_day)
    window own as (partition by subscription.deployment_id order by segment.from_day, segment.id)`;
}

/** SQL condition: the row of `plan` (see `planCurrencies`) is in force on the UTC day of `event.occurred_at`. */
export const PLAN_ON_DAY = `(event.occurred_at at time zone 'UTC')::date >= plan.from_day
  and (event.occurred_at at time zone 'UTC')::date < plan.until_day`;

/**
 * SQL condition: `event` is not free of charge for now. Charges that arise in a trial never are billed; those of a deployment
 * whose billing is suspended wait until it is not.
 */
export const IS_CHARGED = `not exists (select from subscriptions trial where trial.deployment_id = event.deployment_id
    and trial.trial_ends_at is not null and event.occurred_at >= trial.created_at and event.occurred_at < trial.trial_ends_at)
  and not exists (select from deployments held where held.id = event.deployment_id and held.billing_action_suspended)`;

/** The gateway's charges to one deployment in one month that no invoice can bill. */
export interface UnbillableCharges {
  readonly tenantId: string;
  readonly deploymentId: string;
  readonly period: Period;
  readonly currency: Currency;
  /** Of the plan on those days: the reason. */
  readonly planCurrency: Currency;
  readonly requestCount: number;
  /** Exact sum in major units. */
  readonly charge: string;
}

/** More groups than this say nothing new; the total number is given beside them. */
const MAX_UNBILLABLE = 100;

/**
 * Charges in another currency than their deployment's plan: recorded before that was rejected, or before a subscription was
 * backdated. By tenant, deployment and month; the first 100 groups.
 */
export async function listUnbillableCharges(
  sql: Pick<Reads, 'query'>,
  { before, tenantId }: { readonly before: string; readonly tenantId: string | null },
): Promise<UnbillableCharges[]> {
  return sql.query<UnbillableCharges>(
    `with plan as materialized (${planCurrencies('($1::text is null or deployment.tenant_id = $1)')})
     select deployment.tenant_id as "tenantId", event.deployment_id as "deploymentId",
       date_trunc('month', event.occurred_at at time zone 'UTC')::date::text as period, event.currency,
       plan.currency as "planCurrency", count(*)::int as "requestCount", trim_scale(sum(event.charge))::text as charge
     from llm_usage_events event join plan on plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
     join deployments deployment on deployment.id = event.deployment_id
     where event.invoice_id is null and event.occurred_at < $2::date::timestamp at time zone 'UTC'
       and event.currency <> plan.currency
     group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4 limit ${MAX_UNBILLABLE}`,
    [tenantId, before],
  );
}
