import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { Deployment } from '../../entities/deployment.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';

/** Locks the row for the rest of the caller's transaction. Another tenant's row reads as none. */
export async function lockDeployment(
  db: EntityManager,
  viewer: Pick<Viewer, 'isOperator' | 'tenantId'>,
  id: string,
): Promise<Deployment> {
  const mine = viewer.isOperator ? {} : { tenantId: viewer.tenantId };
  const found = isUuid(id)
    ? await db.findOne(Deployment, { where: { id, ...mine }, lock: { mode: 'pessimistic_write' } })
    : null;
  if (!found) throw new NotFoundError('deployment', id);
  return found;
}
