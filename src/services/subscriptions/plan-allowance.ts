import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../errors.js';
import type { PlanVersionRow } from '../catalog/plan-versions.js';

/** Serializes what counts against one tenant's plans until the caller's transaction ends. */
export async function lockAllowance(db: EntityManager, tenantId: string): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('plan_allowance'), hashtext($1))`, [tenantId]);
}

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
  const [{ count }]: [{ count: number }] = await db.query(
    `select count(*)::int as count from deployments deployment
     left join subscriptions live on live.deployment_id = deployment.id and live.status <> 'cancelled'
     left join plan_versions version on version.id = live.plan_version_id
     where deployment.tenant_id = $1 and deployment.id is distinct from $2::uuid and (
       version.plan_id = $3
       or (live.id is null and deployment.state <> 'archived' and exists (
         select from saga_runs saga where saga.deployment_id = deployment.id and saga.kind = 'provision_deployment'
           and (saga.finished_at is null or saga.status = 'failed')))
       or (live.id is null and exists (
         select from cloud_resources droplet where droplet.deployment_id = deployment.id and droplet.kind = 'droplet'
           and droplet.deleted_at is null)))`,
    [tenantId, deploymentId, planId],
  );
  if (count < maxDeployments) return;
  throw ConflictError.at(path, `plan "${planCode}" allows ${maxDeployments} deployments, and ${count} are in use`);
}

/** Throws CONFLICT at `path` if the deployment holds a droplet of a size that the version does not allow. */
export async function rejectForeignSizes(
  db: EntityManager,
  deploymentId: string,
  { planCode, allowedSizes }: Pick<PlanVersionRow, 'planCode' | 'allowedSizes'>,
  path: string,
): Promise<void> {
  const [other]: { name: string; size: string }[] = await db.query(
    `select name, attrs ->> 'size_slug' as size from cloud_resources
     where deployment_id = $1 and kind = 'droplet' and deleted_at is null
       and attrs ->> 'size_slug' <> all($2::text[]) limit 1`,
    [deploymentId, allowedSizes],
  );
  if (other)
    throw ConflictError.at(path, `plan "${planCode}" does not allow ${other.size}, the size of "${other.name}"`);
}
