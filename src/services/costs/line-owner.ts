import { type CostBucket, ownershipsIn } from '../../core/reports/reconcile.js';

/**
 * Whose `resource` is, as `CostOwner` of core. A deployment has a tenant always, so that there is no need to look at it; the
 * placeholder holds the name of the company's own project.
 */
export function ownerSql(internalProject: string): string {
  return `case when resource.deployment_id is not null or resource.tenant_id is not null then 'tenant'
    when resource.cloud_project_id = any(array(select id from cloud_projects where name = ${internalProject})) then 'internal'
    else 'nobody' end`;
}

/** Whether `line` lies in the bucket. */
export function inBucketSql(bucket: CostBucket, internalProject: string): string {
  const ownerships = ownershipsIn(bucket).map(({ matchStatus, owner }) => `('${matchStatus}', '${owner}')`);
  return `(line.match_status, coalesce((select ${ownerSql(internalProject)} from cloud_resources resource
    where resource.id = line.resource_id), 'nobody')) in (${ownerships.join(', ')})`;
}
