import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { findResource, type ResourceRow } from '../inventory/list-resources.js';
import { isUuid } from '../paging/keyset.js';
import { lockDeployment } from './lock-deployment.js';

/**
 * Assigns a resource to a deployment; null takes it out of its deployment. Throws NOT_FOUND, or CONFLICT if the deployment is
 * cancelled or archived. Operators only: the resolver sees to that.
 */
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
  const resource = await findResource(app, viewer, id);
  if (!resource) throw new NotFoundError('resource', id);
  return resource;
}

export interface ResourceLink {
  readonly resourceId: string;
  readonly deploymentId: string | null;
  readonly actor: string;
  readonly at: Date;
}

const LinkedResource = rowOf(CloudResource, ['deploymentId']);

/**
 * Gives the resource to the deployment and its tenant, or with null to the tenant of its project, and appends an event. A
 * repeated link changes nothing. Throws NOT_FOUND.
 */
export async function linkResource(
  db: EntityManager,
  { resourceId, deploymentId, actor, at }: ResourceLink,
): Promise<void> {
  const found = await query(db).maybeOne(
    LinkedResource,
    sql`/* lock-resource */ select ${LinkedResource.columns('resource')} from cloud_resources resource
      where resource.id = ${resourceId} for update`,
  );
  if (!found) throw new NotFoundError('resource', resourceId);
  if (found.deploymentId === deploymentId) return;
  const deployment = shared(deploymentId);
  await query(db).execute(
    sql`/* link-resource */ update cloud_resources resource set deployment_id = ${deployment}::uuid,
       tenant_id = case when ${deployment}::uuid is null
         then (select tenant_id from cloud_projects where id = resource.cloud_project_id)
         else (select tenant_id from deployments where id = ${deployment}::uuid) end
     where resource.id = ${resourceId}`,
  );
  const changes = JSON.stringify({ deploymentId: { from: found.deploymentId, to: deploymentId } });
  await query(db).execute(
    sql`/* append-link-event */ insert into cloud_resource_events (resource_id, type, at, changes, actor)
      values (${resourceId}, 'updated', ${at}, ${changes}, ${actor})`,
  );
}
