import type { App } from '../../context.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SyncRun } from '../../entities/sync-run.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

export const SyncRunRow = rowOf(SyncRun, [
  'id',
  'number',
  'scope',
  'status',
  'trigger',
  'requestedBy',
  'queuedAt',
  'startedAt',
  'finishedAt',
  'seen',
  'discovered',
  'updated',
  'restored',
  'deleted',
  'error',
]);
export type SyncRunRow = RowOf<typeof SyncRunRow>;

const syncRunList = sortedList({
  name: 'list-sync-runs',
  row: SyncRunRow,
  select: SyncRunRow.columns('run'),
  from: sql`sync_runs run`,
  keys: [{ column: 'run.number', type: 'bigint' }],
  direction: 'desc',
});

/** Runs, newest first; null: of every scope. Operators only: the resolver checks that. */
export function listSyncRuns(app: Pick<App, 'reads'>, scope: SyncScope | null): PagedList<SyncRunRow> {
  return syncRunList(app.reads, scope === null ? [] : [sql`run.scope = ${scope}`]);
}

export async function findSyncRuns(app: Pick<App, 'reads'>, ids: readonly string[]): Promise<SyncRunRow[]> {
  return app.reads.many(
    SyncRunRow,
    sql`/* find-sync-runs */ select ${SyncRunRow.columns('run')} from sync_runs run where run.id = any(${ids}::uuid[])`,
  );
}
