import type { App } from '../../context.js';
import { SYNC_SCOPES, type SyncScope } from '../../core/inventory/sync-scope.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SyncRun } from '../../entities/sync-run.js';
import { scopeDefinition } from './scopes/all.js';

const WholeRun = rowOf(SyncRun);
const AbandonedRun = rowOf(SyncRun, ['id', 'scope', 'attempt']);

export interface SyncRequest {
  readonly trigger: 'schedule' | 'operator';
  /** The operator's subject, or the part of the program that requested it. */
  readonly requestedBy: string;
}

/**
 * Queues a run of each scope and returns the runs in the order of `scopes`. A scope that is queued or running already
 * returns that run; an operator's request makes the run the operator's.
 */
export async function requestSync(
  app: Pick<App, 'db' | 'clock' | 'queues'>,
  request: SyncRequest,
  scopes: readonly SyncScope[] = SYNC_SCOPES,
): Promise<SyncRun[]> {
  const requested = [...new Set(scopes)];
  // Every caller inserts in the same order, so that two requests for the same scopes never deadlock.
  const inOrder = SYNC_SCOPES.filter((scope) => requested.includes(scope));
  const runs = await query(app.db).many(
    WholeRun,
    sql`/* queue-sync-runs */ insert into sync_runs (scope, status, trigger, requested_by, queued_at)
     select scope, 'queued', ${request.trigger}, ${request.requestedBy}, ${app.clock()} from unnest(${inOrder}::text[]) with ordinality as requested(scope, place) order by place
     on conflict (scope) where status in ('queued', 'running') do update
     set trigger = case when excluded.trigger = 'operator' then 'operator' else sync_runs.trigger end,
       requested_by = case when excluded.trigger = 'operator' then excluded.requested_by else sync_runs.requested_by end
     returning ${WholeRun.columns('sync_runs')}`,
  );
  await Promise.all(runs.filter((run) => run.status === 'queued').map((run) => queueSyncRun(app, run, 'requested')));
  return runs.sort((a, b) => requested.indexOf(a.scope) - requested.indexOf(b.scope));
}

/** Wakes a worker for a run; everything else is in the run's row. */
async function queueSyncRun(
  app: Pick<App, 'queues'>,
  run: Pick<SyncRun, 'id' | 'scope' | 'attempt'>,
  occasion: string,
): Promise<void> {
  const id = `sync-${run.id}-${run.attempt}-${occasion}`;
  await app.queues.add(scopeDefinition(run.scope).queue, 'sync', { runId: run.id }, { id });
}

const RECOVERY_BUCKET_MS = 30_000;

/**
 * Queues unfinished runs again that have no live runner: a job was lost, or its worker died. A dead worker's job counts as
 * active for a while and would hide another job of the same name, so each recovery names its jobs anew; a surplus job
 * finds its run claimed. Runs of scopes that only a newer version knows are left to it. `waitingSeconds`: how long a run
 * may be queued before its job counts as lost.
 */
export async function recoverSyncRuns(app: Pick<App, 'db' | 'queues'>, waitingSeconds = 20): Promise<number> {
  const abandoned = await query(app.db).many(
    AbandonedRun,
    sql`/* find-abandoned-sync-runs */ select id, scope, attempt from sync_runs
     where scope = any(${SYNC_SCOPES}::text[])
       and ((status = 'queued' and queued_at <= now() - ${waitingSeconds} * interval '1 second')
         or (status = 'running' and lease_until < clock_timestamp()))`,
  );
  // One name per half minute, so that frequent sweeps do not lengthen the queue.
  const occasion = `sweep-${Math.floor(Date.now() / RECOVERY_BUCKET_MS)}`;
  for (const run of abandoned) await queueSyncRun(app, run, occasion);
  return abandoned.length;
}
