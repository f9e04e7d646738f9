import type { App } from '../../context.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResourceEvent } from '../../entities/cloud-resource-event.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

export const ResourceEventRow = rowOf(CloudResourceEvent, ['id', 'type', 'at', 'changes', 'actor', 'resourceId']);
export type ResourceEventRow = RowOf<typeof ResourceEventRow>;

const resourceEventList = sortedList({
  name: 'list-resource-events',
  row: ResourceEventRow,
  select: ResourceEventRow.columns('event'),
  from: sql`cloud_resource_events event`,
  keys: [{ column: 'event.id', type: 'bigint' }],
  direction: 'desc',
});

/** What happened to one resource, newest first. The caller has made sure that the viewer may see the resource. */
export function listResourceEvents(app: Pick<App, 'reads'>, resourceId: string): PagedList<ResourceEventRow> {
  return resourceEventList(app.reads, [sql`event.resource_id = ${resourceId}`]);
}
