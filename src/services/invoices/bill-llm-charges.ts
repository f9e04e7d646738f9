import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { CURRENCIES, type Currency } from '../../core/money/money.js';
import type { LlmCharges } from '../../core/pricing/llm-usage-line.js';
import { nextPeriod, type Period } from '../../core/time/period.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { IS_CHARGED, PLAN_ON_DAY, planCurrencies } from '../metering/charge-terms.js';

export interface DeploymentCharges extends LlmCharges {
  readonly tenantId: string;
  readonly deploymentId: string;
}

const BilledRow = rowShape({
  tenantId: z.string(),
  deploymentId: z.string(),
  period: PeriodShape,
  currency: z.enum(CURRENCIES),
  requestCount: z.int(),
  charge: z.string(),
});

/**
 * Binds to each invoice of a month the gateway's charges that it is to bill: those of its month and earlier ones that no
 * invoice has, in its currency. Those of a month whose invoice is still a draft are left to it; those in another currency
 * than their deployment's plan, of a trial or of a deployment whose billing is suspended are left out. Returns their exact sums by deployment and month.
 */
export async function billLlmCharges(
  db: EntityManager,
  period: Period,
  invoices: readonly { readonly id: string; readonly tenantId: string; readonly currency: Currency }[],
): Promise<DeploymentCharges[]> {
  const tenants = shared(invoices.map(({ tenantId }) => tenantId));
  return query(db).many(
    BilledRow,
    sql`/* bill-llm-charges */ with plan as materialized (${planCurrencies(sql`deployment.tenant_id = any(${tenants}::text[])`)}), billed as (
       update llm_usage_events event set invoice_id = invoice.id
       from unnest(${invoices.map(({ id }) => id)}::uuid[], ${tenants}::text[],
         ${invoices.map(({ currency }) => currency)}::text[]) as invoice(id, tenant_id, currency)
       join deployments deployment on deployment.tenant_id = invoice.tenant_id
       where event.deployment_id = deployment.id and event.invoice_id is null and event.currency = invoice.currency
         and event.occurred_at < ${nextPeriod(period)}::date::timestamp at time zone 'UTC'
         and not exists (select from plan where plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
           and plan.currency <> event.currency)
         and ${IS_CHARGED}
         and not exists (select from invoices other where other.tenant_id = invoice.tenant_id
           and other.currency = invoice.currency and other.status = 'draft' and other.period < ${period}::date and event.occurred_at >= other.period::timestamp at time zone 'UTC'
           and event.occurred_at < (other.period + interval '1 month') at time zone 'UTC')
       returning invoice.tenant_id, event.deployment_id, event.occurred_at, event.charge, event.currency
     )
     select billed.tenant_id as "tenantId", billed.deployment_id as "deploymentId",
       date_trunc('month', billed.occurred_at at time zone 'UTC')::date::text as period, billed.currency,
       count(*)::int as "requestCount", trim_scale(sum(billed.charge))::text as charge
     from billed group by 1, 2, 3, 4`,
  );
}

/** Lets go of what drafts were to bill, before they are written anew. */
export async function releaseLlmCharges(db: EntityManager, invoiceIds: readonly string[]): Promise<void> {
  await query(db).execute(
    sql`/* release-llm-charges */ update llm_usage_events set invoice_id = null where invoice_id = any(${invoiceIds}::uuid[])`,
  );
}
