import type { EntityManager } from 'typeorm';
import type { LlmCharges } from '../../core/llm-usage-line.js';
import { nextPeriod, type Period } from '../../core/period.js';

/**
 * Binds to an invoice the gateway's charges that it is to bill: those of its month and earlier ones that no invoice has.
 * Those of a month whose invoice is still a draft are left to it. Answers their exact sums by deployment and month.
 */
export async function billLlmCharges(
  db: EntityManager,
  invoice: { readonly id: string; readonly tenantId: string; readonly period: Period },
): Promise<(LlmCharges & { readonly deploymentId: string })[]> {
  return db.query(
    `with billed as (
       update llm_usage_events event set invoice_id = $1 from deployments deployment
       where deployment.id = event.deployment_id and deployment.tenant_id = $2 and event.invoice_id is null
         and event.occurred_at < $4::date::timestamp at time zone 'UTC'
         and not exists (select from invoices other where other.tenant_id = $2 and other.status = 'draft' and other.period < $3::date
           and event.occurred_at >= other.period::timestamp at time zone 'UTC'
           and event.occurred_at < (other.period + interval '1 month') at time zone 'UTC')
       returning event.deployment_id, event.occurred_at, event.charge, event.currency
     )
     select billed.deployment_id as "deploymentId", date_trunc('month', billed.occurred_at at time zone 'UTC')::date::text as period,
       billed.currency, count(*)::int as "requestCount", trim_scale(sum(billed.charge))::text as charge
     from billed group by 1, 2, 3`,
    [invoice.id, invoice.tenantId, invoice.period, nextPeriod(invoice.period)],
  );
}

/** Lets go of what a draft was to bill, before it is written anew. */
export async function releaseLlmCharges(db: EntityManager, invoiceId: string): Promise<void> {
  await db.query('update llm_usage_events set invoice_id = null where invoice_id = $1', [invoiceId]);
}
