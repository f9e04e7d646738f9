import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { nextPeriod, type Period } from '../../core/time/period.js';
import { PeriodShape } from '../../core/time/period-shapes.js';
import { type Queries, query } from '../../database/queries.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';

const HeldMonthRow = rowShape({ tenantId: z.string(), deploymentId: z.string(), period: PeriodShape });
export type HeldMonthRow = RowOf<typeof HeldMonthRow>;

/**
 * Updates the held months of some tenants together with their drafts, in the caller's transaction. A deployment whose
 * billing is suspended is held if it has something to bill; a deployment that is billed again is no longer held. One
 * statement: the roll-up runs it for every batch of tenants.
 */
export async function recordHeldMonths(
  db: EntityManager,
  { period, at }: { readonly period: Period; readonly at: Date },
  tenantIds: readonly string[],
): Promise<void> {
  const [tenants, first, end] = [shared(tenantIds), shared(period), shared(nextPeriod(period))];
  await query(db).execute(
    sql`/* record-held-months */ with billed_again as (
       delete from held_months held using deployments deployment
       where held.period = ${first}::date and deployment.id = held.deployment_id
         and deployment.tenant_id = any(${tenants}::text[]) and not deployment.billing_action_suspended)
     insert into held_months (deployment_id, period, held_at)
     select deployment.id, ${first}::date, ${at}::timestamptz from deployments deployment
     where deployment.tenant_id = any(${tenants}::text[]) and deployment.billing_action_suspended
       and (exists (select from subscriptions subscription join subscription_segments segment on segment.subscription_id = subscription.id
             where subscription.deployment_id = deployment.id and segment.from_day < ${end}::date
               and (segment.until_day is null or segment.until_day > greatest(${first}::date, segment.from_day)))
         or exists (select from llm_usage_events event where event.deployment_id = deployment.id and event.invoice_id is null
             and event.occurred_at < ${end}::date::timestamp at time zone 'UTC'))
     on conflict do nothing`,
  );
}

const MAX_HELD = 100;

/** By tenant and deployment; the first 100. A null tenant: of every tenant. */
export async function listHeldMonths(
  queries: Queries,
  period: Period,
  tenantId: string | null,
): Promise<HeldMonthRow[]> {
  const tenant = shared(tenantId);
  return queries.many(
    HeldMonthRow,
    sql`/* list-held-months */ select deployment.tenant_id as "tenantId", held.deployment_id as "deploymentId",
       held.period::text as period
     from held_months held join deployments deployment on deployment.id = held.deployment_id
     where held.period = ${period}::date and (${tenant}::text is null or deployment.tenant_id = ${tenant})
     order by 1, 2 limit ${MAX_HELD}`,
  );
}

const HeldPeriodsRow = rowShape({ deploymentId: z.string(), periods: z.array(PeriodShape) });
export type HeldPeriodsRow = RowOf<typeof HeldPeriodsRow>;

/** The held months of each deployment that has some, newest first. */
export async function findHeldPeriods(queries: Queries, deploymentIds: readonly string[]): Promise<HeldPeriodsRow[]> {
  return queries.many(
    HeldPeriodsRow,
    sql`/* find-held-periods */ select deployment_id as "deploymentId",
       array_agg(period::text order by held_months.period desc) as periods
     from held_months where deployment_id = any(${deploymentIds}::uuid[]) group by deployment_id`,
  );
}

const HeldDeploymentsRow = rowShape({ invoiceId: z.string(), deploymentIds: z.array(z.string()) });
export type HeldDeploymentsRow = RowOf<typeof HeldDeploymentsRow>;

/** The deployments that each invoice leaves out, in the order of their ids. */
export async function findHeldDeployments(
  queries: Queries,
  invoiceIds: readonly string[],
): Promise<HeldDeploymentsRow[]> {
  return queries.many(
    HeldDeploymentsRow,
    sql`/* find-held-deployments */ select invoice.id as "invoiceId",
       array_agg(held.deployment_id::text order by held.deployment_id) as "deploymentIds"
     from invoices invoice join deployments deployment on deployment.tenant_id = invoice.tenant_id
     join held_months held on held.deployment_id = deployment.id and held.period = invoice.period
     where invoice.id = any(${invoiceIds}::uuid[]) group by invoice.id`,
  );
}
