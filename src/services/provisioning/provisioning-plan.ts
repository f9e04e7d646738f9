import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Plan } from '../../entities/plan.js';
import { BadUserInputError } from '../../errors.js';

const CodeRow = rowOf(Plan, ['code']);

const PATH = 'input.planCode';

/**
 * The plan for a tenant's new droplet: the given one, else the only plan of its live subscriptions. Null for an operator
 * who gives none. Throws BAD_USER_INPUT if a tenant has no plan, or several.
 */
export async function choosePlanCode(
  db: EntityManager,
  viewer: Viewer,
  planCode: string | null | undefined,
): Promise<string | null> {
  if (planCode !== null && planCode !== undefined) return planCode;
  if (viewer.isOperator) return null;
  const codes = await query(db).many(
    CodeRow,
    sql`/* find-plans-of-tenant */ select distinct ${CodeRow.columns('plan')} from subscriptions live
     join deployments deployment on deployment.id = live.deployment_id
     join plan_versions version on version.id = live.plan_version_id
     join plans plan on plan.id = version.plan_id
     where deployment.tenant_id = ${viewer.tenantId} and live.status not in ('cancelled', 'paused') order by plan.code`,
  );
  const [only] = codes;
  if (only && codes.length === 1) return only.code;
  throw BadUserInputError.at(
    PATH,
    codes.length === 0
      ? 'is required: provisioning needs a plan, and you have no live subscription'
      : `is required: you have subscriptions to ${codes.map(({ code }) => code).join(', ')}`,
  );
}

/** Throws BAD_USER_INPUT if the plan version does not allow that size. */
export function rejectSize(
  { planCode, allowedSizes }: { readonly planCode: string; readonly allowedSizes: readonly string[] },
  sizeSlug: string,
): void {
  if (allowedSizes.includes(sizeSlug)) return;
  const allowed = allowedSizes.length > 0 ? `it allows ${allowedSizes.join(', ')}` : 'it allows no sizes';
  throw BadUserInputError.at('input.provision.sizeSlug', `plan "${planCode}" does not allow ${sizeSlug}; ${allowed}`);
}
