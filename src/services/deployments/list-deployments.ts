import type { App, Viewer } from '../../context.js';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import { rowOf } from '../../database/row-shape.js';
import { allOf, type Sql, sql } from '../../database/sql.js';
import { Deployment } from '../../entities/deployment.js';
import { ForbiddenError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

export interface DeploymentFilter {
  /** Operators only. */
  readonly tenantId?: string | null | undefined;
  readonly states?: readonly DeploymentState[] | null | undefined;
  readonly slug?: string | null | undefined;
}

export const DeploymentRow = rowOf(Deployment);

const deploymentList = sortedList({
  name: 'list-deployments',
  row: DeploymentRow,
  select: DeploymentRow.columns('deployment'),
  from: sql`deployments deployment`,
  keys: [
    { column: 'deployment.created_at', type: 'instant' },
    { column: 'deployment.id', type: 'uuid' },
  ],
  direction: 'asc',
});

/** Deployments that the viewer may see, oldest first. Throws FORBIDDEN if a tenant filters by tenant. */
export function listDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  { tenantId, states, slug }: DeploymentFilter,
): PagedList<Deployment> {
  if (tenantId && !viewer.isOperator) throw new ForbiddenError('filter.tenantId is for operators');
  const conditions = visibleTo(viewer);
  if (tenantId !== null && tenantId !== undefined) conditions.push(sql`deployment.tenant_id = ${tenantId}`);
  if (states !== null && states !== undefined) conditions.push(sql`deployment.state = any(${states}::text[])`);
  if (slug !== null && slug !== undefined) conditions.push(sql`deployment.slug = ${slug}`);
  return deploymentList(app.reads, conditions);
}

/** The deployments with those ids that the viewer may see, in any order. */
export async function findDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<Deployment[]> {
  const conditions = [...visibleTo(viewer), sql`deployment.id = any(${ids.filter(isUuid)}::uuid[])`];
  return app.reads.many(
    DeploymentRow,
    sql`/* find-deployments */ select ${DeploymentRow.columns('deployment')} from deployments deployment
      where ${allOf(conditions)}`,
  );
}

function visibleTo(viewer: Viewer): Sql[] {
  return viewer.isOperator ? [] : [sql`deployment.tenant_id = ${viewer.tenantId}`];
}
