import { z } from 'zod';
import { CURRENCIES } from '../../core/money/money.js';
import type { LlmCharges } from '../../core/pricing/llm-usage-line.js';
import { type Day, nextPeriod, type Period, previousPeriod } from '../../core/time/period.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import type { Queries } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { IS_CHARGED, PLAN_ON_DAY, planCurrencies } from '../metering/charge-terms.js';

const ChargesRow = rowShape({
  tenantId: z.string(),
  deploymentId: z.string(),
  period: PeriodShape,
  currency: z.enum(CURRENCIES),
  requestCount: z.int(),
  charge: z.string(),
});

/**
 * The gateway's charges that the invoices of a month bill, or would bill: the same rule as `billLlmCharges`, which binds
 * them, but that the charges of a month whose rollup is still to come are left to it. Exact sums by deployment and month.
 * `recordedBefore`: those alone that had arrived by then.
 */
export async function readLlmCharges(
  queries: Queries,
  period: Period,
  tenantIds: readonly string[],
  recordedBefore: Day | null = null,
): Promise<(LlmCharges & { readonly deploymentId: string; readonly tenantId: string })[]> {
  const [tenants, first, until] = [shared(tenantIds), shared(period), shared(nextPeriod(period))];
  const [previous, recorded] = [shared(previousPeriod(period)), shared(recordedBefore)];
  return queries.many(
    ChargesRow,
    sql`/* read-llm-charges */ with plan as materialized (${planCurrencies(sql`deployment.tenant_id = any(${tenants}::text[])`)})
     select deployment.tenant_id as "tenantId", event.deployment_id as "deploymentId",
       date_trunc('month', event.occurred_at at time zone 'UTC')::date::text as period, event.currency,
       count(*)::int as "requestCount", trim_scale(sum(event.charge))::text as charge
     from llm_usage_events event join deployments deployment on deployment.id = event.deployment_id
     left join plan on plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
     left join invoices own on own.tenant_id = deployment.tenant_id and own.period = ${first}::date and own.currency = event.currency
     where deployment.tenant_id = any(${tenants}::text[]) and event.occurred_at < ${until}::date::timestamp at time zone 'UTC'
       and (event.invoice_id = own.id or (event.invoice_id is null and (own.id is null or own.status = 'draft')
         and (plan.currency is null or plan.currency = event.currency)
         and ${IS_CHARGED}
         and not exists (select from invoices other where other.tenant_id = deployment.tenant_id
           and other.currency = event.currency and other.status = 'draft' and other.period < ${first}::date and event.occurred_at >= other.period::timestamp at time zone 'UTC'
           and event.occurred_at < (other.period + interval '1 month') at time zone 'UTC')
         and not (event.occurred_at >= ${previous}::date::timestamp at time zone 'UTC' and event.occurred_at < ${first}::date::timestamp at time zone 'UTC'
           and not exists (select from rolled_up_periods done where done.period = ${previous}::date)
           and not exists (select from invoices before where before.tenant_id = deployment.tenant_id and before.currency = event.currency
             and before.period = ${previous}::date))))
       and (${recorded}::date is null or event.recorded_at < ${recorded}::date::timestamp at time zone 'UTC')
     group by 1, 2, 3, 4`,
  );
}
