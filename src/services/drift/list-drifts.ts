import type { App } from '../../context.js';
import type { DriftStatus } from '../../core/drift.js';
import { Parameters } from '../../database/reads.js';
import type { CloudDrift } from '../../entities/cloud-drift.js';
import { NotFoundError } from '../../errors.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

export type DriftRow = CloudDrift;

/** A resource shows so many of its drifts, the newest. */
const MAX_LISTED = 100;

const SELECT = `drift.id, drift.number::text, drift.resource_id as "resourceId", drift.field, drift.expected, drift.actual,
  drift.status, drift.detected_at as "detectedAt", drift.resolved_at as "resolvedAt", drift.resolved_by as "resolvedBy",
  drift.saga_id as "sagaId"`;

/** Drifts of every resource, newest first; null: of any status. Operators only: the resolver sees to that. */
export async function listDrifts(
  app: Pick<App, 'reads'>,
  status: DriftStatus | null,
  request: PageRequest,
): Promise<Page<DriftRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isBigint]);
  const parameters = new Parameters();
  const conditions = conditionsOf(status, parameters);
  if (after) conditions.push(`drift.number < ${parameters.add(after[0])}::bigint`);
  const rows = await app.reads.query<DriftRow>(
    `select ${SELECT} from cloud_drift drift where ${conditions.join(' and ') || 'true'}
     order by drift.number desc limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage(request, rows, (row) => encodeCursor([row.number]));
}

export async function countDrifts(app: Pick<App, 'reads'>, status: DriftStatus | null): Promise<number> {
  const parameters = new Parameters();
  const conditions = conditionsOf(status, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from cloud_drift drift where ${conditions.join(' and ') || 'true'}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** An equality, so that the index of the status serves it in order. */
function conditionsOf(status: DriftStatus | null, parameters: Parameters): string[] {
  return status === null ? [] : [`drift.status = ${parameters.add(status)}`];
}

/** Throws NOT_FOUND. Operators only: the resolver sees to that. */
export async function getDrift(app: Pick<App, 'reads'>, id: string): Promise<DriftRow> {
  const [found] = isUuid(id)
    ? await app.reads.query<DriftRow>(`select ${SELECT} from cloud_drift drift where drift.id = $1`, [id])
    : [];
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
  const rows = await app.reads.query<DriftRow>(
    `select drift.* from unnest($1::uuid[]) as wanted(id)
     cross join lateral (select ${SELECT} from cloud_drift drift
       where drift.resource_id = wanted.id and ($2::text is null or drift.status = $2)
       order by drift.number desc limit ${MAX_LISTED}) drift`,
    [resourceIds, status],
  );
  const lists = new Map<string, DriftRow[]>();
  for (const row of rows) lists.set(row.resourceId, [...(lists.get(row.resourceId) ?? []), row]);
  return [...lists].map(([resourceId, drifts]) => ({ resourceId, drifts }));
}
