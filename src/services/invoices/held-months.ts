import type { EntityManager } from 'typeorm';
import { nextPeriod, type Period } from '../../core/time/period.js';
import type { Reads } from '../../database/reads.js';

export interface HeldMonthRow {
  readonly tenantId: string;
  readonly deploymentId: string;
  readonly period: Period;
}

/**
 * Brings the held months of some tenants in step with the drafts that are written of a month in the caller's transaction: a
 * deployment whose billing is suspended is held if it has something to bill; one that is billed again is not.
 */
export async function recordHeldMonths(
  db: EntityManager,
  { period, at }: { readonly period: Period; readonly at: Date },
  tenantIds: readonly string[],
): Promise<void> {
  await db.query(
    `delete from held_months held using deployments deployment
     where held.period = $1 and deployment.id = held.deployment_id and deployment.tenant_id = any($2::text[])
       and not deployment.billing_action_suspended`,
    [period, tenantIds],
  );
  await db.query(
    `insert into held_months (deployment_id, period, held_at)
     select deployment.id, $1, $4 from deployments deployment
     where deployment.tenant_id = any($2::text[]) and deployment.billing_action_suspended
       and (exists (select from subscriptions subscription join subscription_segments segment on segment.subscription_id = subscription.id
             where subscription.deployment_id = deployment.id and segment.from_day < $3::date
               and (segment.until_day is null or segment.until_day > greatest($1::date, segment.from_day)))
         or exists (select from llm_usage_events event where event.deployment_id = deployment.id and event.invoice_id is null
             and event.occurred_at < $3::date::timestamp at time zone 'UTC'))
     on conflict do nothing`,
    [period, tenantIds, nextPeriod(period), at],
  );
}

const MAX_HELD = 100;

/** By tenant and deployment; the first 100. */
export async function listHeldMonths(
  sql: Pick<Reads, 'query'>,
  period: Period,
  tenantId: string | null,
): Promise<HeldMonthRow[]> {
  return sql.query<HeldMonthRow>(
    `select deployment.tenant_id as "tenantId", held.deployment_id as "deploymentId", held.period::text as period
     from held_months held join deployments deployment on deployment.id = held.deployment_id
     where held.period = $1::date and ($2::text is null or deployment.tenant_id = $2) order by 1, 2 limit ${MAX_HELD}`,
    [period, tenantId],
  );
}

/** The held months of each deployment that has some, newest first. */
export async function findHeldPeriods(
  sql: Pick<Reads, 'query'>,
  deploymentIds: readonly string[],
): Promise<{ deploymentId: string; periods: Period[] }[]> {
  return sql.query(
    `select deployment_id as "deploymentId", array_agg(period::text order by held_months.period desc) as periods
     from held_months where deployment_id = any($1::uuid[]) group by deployment_id`,
    [deploymentIds],
  );
}

/** The deployments that each invoice leaves out, in the order of their ids. */
export async function findHeldDeployments(
  sql: Pick<Reads, 'query'>,
  invoiceIds: readonly string[],
): Promise<{ invoiceId: string; deploymentIds: string[] }[]> {
  return sql.query(
    `select invoice.id as "invoiceId", array_agg(held.deployment_id::text order by held.deployment_id) as "deploymentIds"
     from invoices invoice join deployments deployment on deployment.tenant_id = invoice.tenant_id
     join held_months held on held.deployment_id = deployment.id and held.period = invoice.period
     where invoice.id = any($1::uuid[]) group by invoice.id`,
    [invoiceIds],
  );
}
