import { In } from 'typeorm';
import type { App } from '../../context.js';
import { SYNC_SCOPES, type SyncScope } from '../../core/inventory/sync-scope.js';
import { SyncRun } from '../../entities/sync-run.js';
import { scopeDefinition } from './scopes/all.js';

export interface SyncRequest {
  readonly trigger: 'schedule' | 'operator';
  /** The operator's subject, or what in the program asked. */
  readonly requestedBy: string;
}

/**
 * Queues a run of each scope and answers the runs, in the order given. A scope that is queued or running already is
 * answered with that run; an operator's asking makes it the operator's.
 */
export async function requestSync(
  app: Pick<App, 'db' | 'clock' | 'queues'>,
  request: SyncRequest,
  scopes: readonly SyncScope[] = SYNC_SCOPES,
): Promise<SyncRun[]> {
  const wanted = [...new Set(scopes)];
  // In one order for everybody, so that two requests for the same scopes never deadlock.
  const inOrder = SYNC_SCOPES.filter((scope) => wanted.includes(scope));
  const ids: { id: string }[] = await app.db.query(
    `insert into sync_runs (scope, status, trigger, requested_by, queued_at)
     select scope, 'queued', $2, $3, $4 from unnest($1::text[]) with ordinality as wanted(scope, place) order by place
     on conflict (scope) where status in ('queued', 'running') do update
     set trigger = case when excluded.trigger = 'operator' then 'operator' else sync_runs.trigger end,
       requested_by = case when excluded.trigger = 'operator' then excluded.requested_by else sync_runs.requested_by end
     returning id`,
    [inOrder, request.trigger, request.requestedBy, app.clock()],
  );
  const runs = await app.db.getRepository(SyncRun).findBy({ id: In(ids.map((row) => row.id)) });
  await Promise.all(runs.filter((run) => run.status === 'queued').map((run) => queueSyncRun(app, run, 'asked')));
  return runs.sort((a, b) => wanted.indexOf(a.scope) - wanted.indexOf(b.scope));
}

/** Wakes a worker for a run; the run's row says everything else. */
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
 * Queues again what is unfinished and has no live runner: a job was lost, or its worker died. A dead worker's job counts
 * as active for a while and would hide another of its name, so jobs of one recovery have names of their own; a job too
 * many finds its run taken. `waitingSeconds`: how long a run may be queued before its job is taken for lost.
 */
export async function recoverSyncRuns(app: Pick<App, 'db' | 'queues'>, waitingSeconds = 20): Promise<number> {
  const abandoned: Pick<SyncRun, 'id' | 'scope' | 'attempt'>[] = await app.db.query(
    `select id, scope, attempt from sync_runs
     where (status = 'queued' and queued_at <= now() - $1 * interval '1 second')
       or (status = 'running' and lease_until < clock_timestamp())`,
    [waitingSeconds],
  );
  // However often the sweep comes: a long queue must not grow by itself.
  const occasion = `sweep-${Math.floor(Date.now() / RECOVERY_BUCKET_MS)}`;
  for (const run of abandoned) await queueSyncRun(app, run, occasion);
  return abandoned.length;
}
