import type { Period } from '../../../core/time/period.js';
import type { Reads } from '../../../database/reads.js';
import type { ResourceEventRow } from '../../inventory/list-resource-events.js';

/** What the inventory calls a size, of whichever kind. */
const SIZE_FIELDS = ['size_slug', 'size_gigabytes', 'size', 'size_unit', 'vcpus', 'memory', 'disk'].map(
  (attribute) => `attrs.${attribute}`,
);

/** What made a resource appear, go or change its size between two months; the newest of each kind of event. */
export interface CauseEvents {
  readonly appeared: ResourceEventRow | null;
  readonly gone: ResourceEventRow | null;
  readonly resized: ResourceEventRow | null;
}

export async function readCauseEvents(
  sql: Pick<Reads, 'query'>,
  resourceIds: readonly string[],
  { from, until }: { readonly from: Period; readonly until: Period },
): Promise<Map<string, CauseEvents>> {
  const rows = await sql.query<ResourceEventRow>(
    `select id::text, resource_id as "resourceId", type, at, changes, actor from cloud_resource_events
     where resource_id = any($1::uuid[]) and at >= $2::date::timestamp at time zone 'UTC' and at < $3::date::timestamp at time zone 'UTC'
       and (type in ('discovered', 'restored', 'deleted') or (type = 'updated' and changes ?| $4::text[]))
     order by cloud_resource_events.id`,
    [resourceIds, from, until, SIZE_FIELDS],
  );
  const events = new Map<string, CauseEvents>();
  for (const row of rows) {
    const known = events.get(row.resourceId) ?? { appeared: null, gone: null, resized: null };
    const as = row.type === 'deleted' ? 'gone' : row.type === 'updated' ? 'resized' : 'appeared';
    events.set(row.resourceId, { ...known, [as]: row });
  }
  return events;
}
