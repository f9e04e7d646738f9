import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { query } from '../../database/queries.js';
import { rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { ConflictError } from '../../errors.js';
import type { PlanVersionRow } from '../catalog/plan-versions.js';

/** Lets one transaction at a time count against a tenant's plans, until the caller's transaction ends. */
export async function lockAllowance(db: EntityManager, tenantId: string): Promise<void> {
  await query(db).execute(
    sql`/* lock-plan-allowance */ select pg_advisory_xact_lock(hashtext('plan_allowance'), hashtext(${tenantId}))`,
  );
}

const DeploymentCount = rowShape({ count: z.int() });

/**
 * Throws CONFLICT at `path` if one more deployment of the tenant exceeds the version's `maxDeployments`. A deployment
 * counts if it has a live subscription to any version of the plan. It also counts if it has none but holds a droplet or
 * may still get one: cancelling a subscription, or a deployment, frees no place while its droplet runs.
 * The caller holds `lockAllowance`.
 */
export async function rejectOverAllowance(
  db: EntityManager,
  tenantId: string,
  deploymentId: string | null,
  version: Pick<PlanVersionRow, 'planId' | 'planCode' | 'maxDeployments'>,
  path: string,
): Promise<void> {
  const { planId, planCode, maxDeployments } = version;
  if (maxDeployments === null) return;
  const { count } = await query(db).one(
    DeploymentCount,
    sql`/* count-plan-deployments */ select count(*)::int as count from deployments deployment
     left join subscriptions live on live.deployment_id = deployment.id and live.status <> 'cancelled'
     left join plan_versions version on version.id = live.plan_version_id
     where deployment.tenant_id = ${tenantId} and deployment.id is distinct from ${deploymentId}::uuid and (
       version.plan_id = ${planId}
       or (live.id is null and deployment.state <> 'archived' and exists (
         select from saga_runs saga where saga.deployment_id = deployment.id and saga.kind = 'provision_deployment'
           and (saga.finished_at is null or saga.status = 'failed')))
       or (live.id is null and exists (
         select from cloud_resources droplet where droplet.deployment_id = deployment.id and droplet.kind = 'droplet'
           and droplet.deleted_at is null)))`,
  );
  if (count < maxDeployments) return;
  throw ConflictError.at(path, `plan "${planCode}" allows ${maxDeployments} deployments, and ${count} are in use`);
}

const SizedDroplet = rowWith(rowOf(CloudResource, ['name']), { size: z.string() });

/** Throws CONFLICT at `path` if the deployment holds a droplet of a size that the version does not allow. */
export async function rejectForeignSizes(
  db: EntityManager,
  deploymentId: string,
  { planCode, allowedSizes }: Pick<PlanVersionRow, 'planCode' | 'allowedSizes'>,
  path: string,
): Promise<void> {
  const other = await query(db).maybeOne(
    SizedDroplet,
    sql`/* find-foreign-size */ select name, attrs ->> 'size_slug' as size from cloud_resources
     where deployment_id = ${deploymentId} and kind = 'droplet' and deleted_at is null
       and attrs ->> 'size_slug' <> all(${allowedSizes}::text[]) limit 1`,
  );
  if (other)
    throw ConflictError.at(path, `plan "${planCode}" does not allow ${other.size}, the size of "${other.name}"`);
}
