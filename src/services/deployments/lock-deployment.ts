import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { allOf, sql } from '../../database/sql.js';
import type { Deployment } from '../../entities/deployment.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { DeploymentRow } from './list-deployments.js';

/** Locks the row until the caller's transaction ends. Throws NOT_FOUND, also for another tenant's deployment. */
export async function lockDeployment(
  db: EntityManager,
  viewer: Pick<Viewer, 'isOperator' | 'tenantId'>,
  id: string,
): Promise<Deployment> {
  if (!isUuid(id)) throw new NotFoundError('deployment', id);
  const isVisible = viewer.isOperator ? [] : [sql`deployment.tenant_id = ${viewer.tenantId}`];
  const found = await query(db).maybeOne(
    DeploymentRow,
    sql`/* lock-deployment */ select ${DeploymentRow.columns('deployment')} from deployments deployment
      where ${allOf([sql`deployment.id = ${id}`, ...isVisible])} for update`,
  );
  if (!found) throw new NotFoundError('deployment', id);
  return found;
}
