import { type CostBucket, ownershipsIn } from '../../core/reports/reconcile.js';
import { joinSql, type Sql, sql } from '../../database/sql.js';

/**
 * Whose `resource` is, as `CostOwner` of core. A deployment always has a tenant, so that its row need not be read.
 * `internalProject` is the name of the company's own project.
 */
export function ownerOf(internalProject: string): Sql {
  return sql`case when resource.deployment_id is not null or resource.tenant_id is not null then 'tenant'
    when resource.cloud_project_id = any(array(select id from cloud_projects where name = ${internalProject})) then 'internal'
    else 'nobody' end`;
}

/** Whether `line` is in the bucket. */
export function isInBucket(bucket: CostBucket, internalProject: string): Sql {
  const ownerships = ownershipsIn(bucket).map(({ matchStatus, owner }) => sql`(${matchStatus}, ${owner})`);
  return sql`(line.match_status, coalesce((select ${ownerOf(internalProject)} from cloud_resources resource
    where resource.id = line.resource_id), 'nobody')) in (${joinSql(ownerships, ', ')})`;
}
