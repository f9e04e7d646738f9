import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { findResource, type ResourceRow } from '../inventory/list-resources.js';
import { isUuid } from '../paging/keyset.js';
import { lockDeployment } from './lock-deployment.js';

/** Gives a resource to a deployment, or takes it out with null. Operators only: the resolver sees to that. */
export async function assignResource(
  app: Pick<App, 'db' | 'reads' | 'clock'>,
  viewer: Viewer,
  id: string,
  deploymentId: string | null,
): Promise<ResourceRow> {
  if (!isUuid(id)) throw new NotFoundError('resource', id);
  await app.db.transaction(async (db) => {
    const deployment = deploymentId === null ? null : await lockDeployment(db, viewer, deploymentId);
    if (deployment?.state === 'cancelled' || deployment?.state === 'archived') {
      throw new ConflictError(`Deployment "${deployment.slug}" is ${deployment.state}.`);
    }
    await linkResource(db, { resourceId: id, deploymentId, actor: viewer.subject, at: app.clock() });
  });
  return (await findResource(app, viewer, id)) as ResourceRow;
}

/**
 * The resource takes the deployment's tenant, and its project's again without one; an event tells the change. Again
 * changes nothing. Throws NOT_FOUND where there is no such resource.
 */
export async function linkResource(
  db: EntityManager,
  link: {
    readonly resourceId: string;
    readonly deploymentId: string | null;
    readonly actor: string;
    readonly at: Date;
  },
): Promise<void> {
  const [found]: { deploymentId: string | null }[] = await db.query(
    'select deployment_id as "deploymentId" from cloud_resources where id = $1 for update',
    [link.resourceId],
  );
  if (!found) throw new NotFoundError('resource', link.resourceId);
  if (found.deploymentId === link.deploymentId) return;
  await db.query(
    `update cloud_resources resource set deployment_id = $2, tenant_id = case when $2::uuid is null
       then (select tenant_id from cloud_projects where id = resource.cloud_project_id)
       else (select tenant_id from deployments where id = $2) end
     where resource.id = $1`,
    [link.resourceId, link.deploymentId],
  );
  await db.query(
    `insert into cloud_resource_events (resource_id, type, at, changes, actor) values ($1, 'updated', $2, $3, $4)`,
    [
      link.resourceId,
      link.at,
      JSON.stringify({ deploymentId: { from: found.deploymentId, to: link.deploymentId } }),
      link.actor,
    ],
  );
}
