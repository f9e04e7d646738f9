import type { App } from '../../context.js';
import type { DriftStatus } from '../../core/drift/drift.js';
import { groupBy } from '../../core/lists/group-by.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudDrift } from '../../entities/cloud-drift.js';
import { NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

/** A resource shows so many of its drifts, the newest. */
const MAX_LISTED = 100;

export const DriftRow = rowOf(CloudDrift);
export type DriftRow = RowOf<typeof DriftRow>;

const driftList = sortedList({
  name: 'list-drifts',
  row: DriftRow,
  select: DriftRow.columns('drift'),
  from: sql`cloud_drift drift`,
  keys: [{ column: 'drift.number', type: 'bigint' }],
  direction: 'desc',
});

/** Drifts of every resource, newest first; null: of any status. Operators only: the resolver sees to that. */
export function listDrifts(app: Pick<App, 'reads'>, status: DriftStatus | null): PagedList<DriftRow> {
  // An equality, so that the index of the status serves it in order.
  return driftList(app.reads, status === null ? [] : [sql`drift.status = ${status}`]);
}

/** Throws NOT_FOUND. Operators only: the resolver sees to that. */
export async function getDrift(app: Pick<App, 'reads'>, id: string): Promise<DriftRow> {
  const found = isUuid(id)
    ? await app.reads.maybeOne(
        DriftRow,
        sql`/* get-drift */ select ${DriftRow.columns('drift')} from cloud_drift drift where drift.id = ${id}`,
      )
    : null;
  if (!found) throw new NotFoundError('drift', id);
  return found;
}

export interface DriftList {
  readonly resourceId: string;
  readonly drifts: readonly DriftRow[];
}

/** The drifts of each resource that has any, newest first; null: of any status. The caller has made sure that the viewer may see the resources. */
export async function findDriftLists(
  app: Pick<App, 'reads'>,
  resourceIds: readonly string[],
  status: DriftStatus | null,
): Promise<DriftList[]> {
  const rows = await app.reads.many(
    DriftRow,
    sql`/* find-drift-lists */ select drift.* from unnest(${resourceIds}::uuid[]) as wanted(id)
     cross join lateral (select ${DriftRow.columns('drift')} from cloud_drift drift
       where drift.resource_id = wanted.id and (${status}::text is null or drift.status = ${status})
       order by drift.number desc limit ${MAX_LISTED}) drift`,
  );
  return [...groupBy(rows, (row) => row.resourceId)].map(([resourceId, drifts]) => ({ resourceId, drifts }));
}
