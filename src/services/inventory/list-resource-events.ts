import type { App } from '../../context.js';
import type { CloudResourceEvent } from '../../entities/cloud-resource-event.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

export type ResourceEventRow = Pick<CloudResourceEvent, 'id' | 'type' | 'at' | 'changes' | 'actor' | 'resourceId'>;

/** What happened to one resource, newest first. The caller has made sure that the viewer may see the resource. */
export async function listResourceEvents(
  app: Pick<App, 'reads'>,
  resourceId: string,
  request: PageRequest,
): Promise<Page<ResourceEventRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isBigint]);
  const rows = await app.reads.query<ResourceEventRow>(
    `select id::text, type, at, changes, actor, resource_id as "resourceId" from cloud_resource_events
     where resource_id = $1 and ($2::bigint is null or id < $2::bigint) order by cloud_resource_events.id desc limit $3`,
    [resourceId, after?.[0] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.id]));
}

export async function countResourceEvents(app: Pick<App, 'reads'>, resourceId: string): Promise<number> {
  const [row] = await app.reads.query<{ count: number }>(
    'select count(*)::int as count from cloud_resource_events where resource_id = $1',
    [resourceId],
  );
  return row?.count ?? 0;
}
