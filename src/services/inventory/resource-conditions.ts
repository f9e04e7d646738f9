import type { Viewer } from '../../context.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { type Sql, sql } from '../../database/sql.js';
import { ForbiddenError } from '../../errors.js';

export interface ResourceFilter {
  readonly kinds?: readonly ResourceKind[] | null;
  /** Operators only. */
  readonly tenantId?: string | null;
  readonly projectId?: string | null;
  readonly deploymentId?: string | null;
  readonly region?: string | null;
  readonly status?: string | null;
  readonly tag?: string | null;
  readonly nameContains?: string | null;
  readonly includeDeleted?: boolean | null;
}

/** Which rows of `cloud_resources resource` the viewer may see and the filter selects. */
export function resourceConditions(viewer: Viewer, filter: ResourceFilter): Sql[] {
  const conditions: Sql[] = [];
  const where = <Value>(value: Value | null | undefined, condition: (value: Value) => Sql) => {
    if (value !== null && value !== undefined) conditions.push(condition(value));
  };
  if (!viewer.isOperator) {
    if (filter.tenantId) throw new ForbiddenError('filter.tenantId is for operators');
    conditions.push(sql`resource.tenant_id = ${viewer.tenantId}`);
  }
  // One kind is an equality, so that the page index serves it in order.
  if (filter.kinds?.length === 1) conditions.push(sql`resource.kind = ${filter.kinds[0] ?? null}`);
  else where(filter.kinds, (kinds) => sql`resource.kind = any(${kinds}::text[])`);
  where(filter.tenantId, (tenantId) => sql`resource.tenant_id = ${tenantId}`);
  where(filter.projectId, (id) => sql`resource.cloud_project_id = ${id}::uuid`);
  where(filter.deploymentId, (id) => sql`resource.deployment_id = ${id}::uuid`);
  where(filter.region, (region) => sql`resource.region = ${region}`);
  where(filter.status, (status) => sql`resource.status = ${status}`);
  where(filter.tag, (tag) => sql`${tag} = any(resource.tags)`);
  where(filter.nameContains, (part) => sql`position(lower(${part}) in lower(resource.name)) > 0`);
  if (!filter.includeDeleted) conditions.push(sql`resource.deleted_at is null`);
  return conditions;
}
