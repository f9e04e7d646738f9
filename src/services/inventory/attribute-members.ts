import type { EntityManager } from 'typeorm';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { PROVIDER_SQL } from './provider.js';

/**
 * Gives each resource the project that lists it, and that project's tenant; what no project lists goes to the internal
 * project, but for what only invoices know. A resource of a deployment keeps the deployment's tenant. Writes only what
 * changes. `completedRun` is the number of a PROJECTS run that listed every member: memberships that it did not see are
 * over. The caller holds the locks of all kinds (`lockKinds`).
 */
export async function attributeMembers(
  db: EntityManager,
  internalProject: string,
  completedRun: string | null,
): Promise<void> {
  if (completedRun !== null) {
    await query(db).execute(
      sql`/* forget-ended-memberships */ delete from cloud_project_members where provider = ${PROVIDER_SQL} and last_seen_run < ${completedRun}`,
    );
  }
  await query(db).execute(sql`/* attribute-members */ update cloud_resources resource
     set cloud_project_id = wanted.project_id,
       tenant_id = case when resource.deployment_id is null then wanted.tenant_id else resource.tenant_id end
     from (
       select candidate.id, project.id as project_id, project.tenant_id
       from cloud_resources candidate
       left join cloud_project_members member on member.provider = candidate.provider and member.kind = candidate.kind
         and member.provider_kind = candidate.provider_kind and member.provider_id = candidate.provider_id
       join cloud_projects project on project.id = coalesce(member.cloud_project_id,
         (select id from cloud_projects where provider = ${PROVIDER_SQL} and name = ${internalProject} and deleted_at is null order by first_seen_at limit 1))
       where candidate.provider = ${PROVIDER_SQL} and not candidate.is_from_invoice
         and (candidate.cloud_project_id is distinct from project.id
           or (candidate.deployment_id is null and candidate.tenant_id is distinct from project.tenant_id))
     ) wanted
     where wanted.id = resource.id`);
}
