import type { App } from '../../context.js';
import type { SyncScope } from '../../core/sync-scope.js';
import type { SyncRun } from '../../entities/sync-run.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

export type SyncRunRow = Omit<SyncRun, 'leaseOwner' | 'leaseUntil' | 'attempt'>;

const SELECT = `id, number::text, scope, status, trigger, requested_by as "requestedBy", queued_at as "queuedAt",
  started_at as "startedAt", finished_at as "finishedAt", seen, discovered, updated, restored, deleted, error`;

/** Runs, newest first. Operators only: the resolver sees to that. */
export async function listSyncRuns(
  app: Pick<App, 'reads'>,
  scope: SyncScope | null,
  request: PageRequest,
): Promise<Page<SyncRunRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isBigint]);
  const rows = await app.reads.query<SyncRunRow>(
    `select ${SELECT} from sync_runs
     where ($1::text is null or scope = $1) and ($2::bigint is null or sync_runs.number < $2::bigint) order by sync_runs.number desc limit $3`,
    [scope, after?.[0] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.number]));
}

export async function countSyncRuns(app: Pick<App, 'reads'>, scope: SyncScope | null): Promise<number> {
  const [row] = await app.reads.query<{ count: number }>(
    'select count(*)::int as count from sync_runs where ($1::text is null or scope = $1)',
    [scope],
  );
  return row?.count ?? 0;
}

export async function findSyncRuns(app: Pick<App, 'reads'>, ids: readonly string[]): Promise<SyncRunRow[]> {
  return app.reads.query<SyncRunRow>(`select ${SELECT} from sync_runs where id = any($1::uuid[])`, [ids]);
}
