import type { App, Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { CloudProject } from '../../entities/cloud-project.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { lockKinds } from './observe.js';

/** What an operator says of a project: an absent field is left as it is, null clears it. */
export interface ProjectClassification {
  readonly tenantId?: string | null | undefined;
  readonly purpose?: string | null | undefined;
}

/** Says whose a project is and what it is for; its resources follow, but those of a deployment. */
export async function classifyProject(
  app: Pick<App, 'db'>,
  _viewer: Viewer,
  id: string,
  { tenantId, purpose }: ProjectClassification,
): Promise<CloudProject> {
  if (!isUuid(id)) throw new NotFoundError('project', id);
  return app.db.transaction(async (db) => {
    await lockKinds(db);
    const project = await db.findOne(CloudProject, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (!project) throw new NotFoundError('project', id);
    if (tenantId !== undefined) project.tenantId = tenantId;
    if (purpose !== undefined) project.classifiedPurpose = purpose;
    await db.update(CloudProject, { id }, { tenantId: project.tenantId, classifiedPurpose: project.classifiedPurpose });
    await query(db).execute(sql`/* move-project-resources */ update cloud_resources set tenant_id = ${project.tenantId}
       where cloud_project_id = ${id} and deployment_id is null and tenant_id is distinct from ${project.tenantId}`);
    return project;
  });
}
