import type { LlmCharges } from '../../core/pricing/llm-usage-line.js';
import { type Day, nextPeriod, type Period, previousPeriod } from '../../core/time/period.js';
import type { Reads } from '../../database/reads.js';
import { IS_CHARGED, PLAN_ON_DAY, planCurrencies } from '../metering/charge-terms.js';

/**
 * The gateway's charges that the invoices of a month bill, or would bill: the same rule as `billLlmCharges`, which binds
 * them, but that the charges of a month whose rollup is still to come are left to it. Exact sums by deployment and month.
 * `recordedBefore`: those alone that had arrived by then.
 */
export async function readLlmCharges(
  sql: Pick<Reads, 'query'>,
  period: Period,
  tenantIds: readonly string[],
  recordedBefore: Day | null = null,
): Promise<(LlmCharges & { readonly deploymentId: string; readonly tenantId: string })[]> {
  return sql.query(
    `with plan as materialized (${planCurrencies('deployment.tenant_id = any($1::text[])')})
     select deployment.tenant_id as "tenantId", event.deployment_id as "deploymentId",
       date_trunc('month', event.occurred_at at time zone 'UTC')::date::text as period, event.currency,
       count(*)::int as "requestCount", trim_scale(sum(event.charge))::text as charge
     from llm_usage_events event join deployments deployment on deployment.id = event.deployment_id
     left join plan on plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
     left join invoices own on own.tenant_id = deployment.tenant_id and own.period = $2::date and own.currency = event.currency
     where deployment.tenant_id = any($1::text[]) and event.occurred_at < $3::date::timestamp at time zone 'UTC'
       and (event.invoice_id = own.id or (event.invoice_id is null and (own.id is null or own.status = 'draft')
         and (plan.currency is null or plan.currency = event.currency)
         and ${IS_CHARGED}
         and not exists (select from invoices other where other.tenant_id = deployment.tenant_id
           and other.currency = event.currency and other.status = 'draft' and other.period < $2::date and event.occurred_at >= other.period::timestamp at time zone 'UTC'
           and event.occurred_at < (other.period + interval '1 month') at time zone 'UTC')
         and not (event.occurred_at >= $4::date::timestamp at time zone 'UTC' and event.occurred_at < $2::date::timestamp at time zone 'UTC'
           and not exists (select from rolled_up_periods done where done.period = $4::date)
           and not exists (select from invoices before where before.tenant_id = deployment.tenant_id and before.currency = event.currency
             and before.period = $4::date))))
       and ($5::date is null or event.recorded_at < $5::date::timestamp at time zone 'UTC')
     group by 1, 2, 3, 4`,
    [tenantIds, period, nextPeriod(period), previousPeriod(period), recordedBefore],
  );
}
