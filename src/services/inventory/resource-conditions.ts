import type { Viewer } from '../../context.js';
import type { ResourceKind } from '../../core/resource-kind.js';
import type { Parameters } from '../../database/reads.js';
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

/** What of `cloud_resources resource` the viewer may see and the filter wants, as conditions to be joined by `and`. */
export function resourceConditions(viewer: Viewer, filter: ResourceFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  const where = (condition: (placeholder: string) => string, value: unknown) => {
    if (value !== null && value !== undefined) conditions.push(condition(parameters.add(value)));
  };
  if (!viewer.isOperator) {
    if (filter.tenantId) throw new ForbiddenError('filter.tenantId is for operators');
    where((own) => `resource.tenant_id = ${own}`, viewer.tenantId);
  }
  // One kind is an equality, so that the page index serves it in order.
  if (filter.kinds?.length === 1) where((kind) => `resource.kind = ${kind}`, filter.kinds[0]);
  else where((kinds) => `resource.kind = any(${kinds}::text[])`, filter.kinds);
  where((tenant) => `resource.tenant_id = ${tenant}`, filter.tenantId);
  where((project) => `resource.cloud_project_id = ${project}::uuid`, filter.projectId);
  where((deployment) => `resource.deployment_id = ${deployment}::uuid`, filter.deploymentId);
  where((region) => `resource.region = ${region}`, filter.region);
  where((status) => `resource.status = ${status}`, filter.status);
  where((tag) => `${tag} = any(resource.tags)`, filter.tag);
  where((part) => `position(lower(${part}) in lower(resource.name)) > 0`, filter.nameContains);
  if (!filter.includeDeleted) conditions.push('resource.deleted_at is null');
  return conditions;
}
