import type { App, Viewer } from '../../context.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';
import { CloudResourceEvent } from '../../entities/cloud-resource-event.js';
import { type NestedList, nestedList } from '../paging/nested-list.js';

const COLUMNS = ['id', 'type', 'at', 'actor', 'resourceId'] as const;
const OtherColumns = rowOf(CloudResourceEvent, COLUMNS);
export const ResourceEventRow = rowOf(CloudResourceEvent, [...COLUMNS, 'changes']);
export type ResourceEventRow = RowOf<typeof ResourceEventRow>;

const listOf = (select: Sql) =>
  nestedList({
    name: 'list-resource-events',
    row: ResourceEventRow,
    select,
    from: sql`cloud_resource_events event`,
    parent: 'event.resource_id',
    keys: [{ column: 'event.id', type: 'bigint' }],
    direction: 'desc',
  });
const wholeList = listOf(ResourceEventRow.columns('event'));

/**
 * The events of resources, newest first. A tenant sees the history since the resource last left a deployment of another
 * tenant, and no id of such a deployment: it reads as null. The caller has made sure that the viewer may see the
 * resources.
 */
export function listResourceEvents(app: Pick<App, 'reads'>, viewer: Viewer): NestedList<ResourceEventRow> {
  if (viewer.isOperator) return wholeList(app.reads, []);
  const { tenantId } = viewer;
  const select = sql`${OtherColumns.columns('event')}, ${shownChanges(tenantId)} as "changes"`;
  return listOf(select)(app.reads, [isOfTenancy(tenantId)]);
}

/** Not before the resource last left a deployment of another tenant. */
function isOfTenancy(tenantId: string): Sql {
  return sql`event.id >= coalesce((select max(moved.id) from cloud_resource_events moved
    where moved.resource_id = event.resource_id and moved.changes -> 'deploymentId' ->> 'from' is not null
      and not ${isOwn('moved', 'from', tenantId)}), 0)`;
}

function shownChanges(tenantId: string): Sql {
  const id = (end: End) =>
    sql`case when ${isOwn('event', end, tenantId)} then event.changes -> 'deploymentId' ->> ${rawSql(`'${end}'`)} end`;
  return sql`case when event.changes ? 'deploymentId'
    then event.changes || jsonb_build_object('deploymentId', jsonb_build_object('from', ${id('from')}, 'to', ${id('to')}))
    else event.changes end`;
}

type End = 'from' | 'to';

/** Whether the deployment at that end of the event's move belongs to the tenant. */
function isOwn(event: 'event' | 'moved', end: End, tenantId: string): Sql {
  const id = rawSql(`(${event}.changes -> 'deploymentId' ->> '${end}')::uuid`);
  return sql`exists (select from deployments own where own.id = ${id} and own.tenant_id = ${tenantId})`;
}
