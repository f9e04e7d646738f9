import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { SyncRun } from '../../entities/sync-run.js';

/** How long a silent worker keeps its run, by the database's clock. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/** The run went to another worker; whoever held it stops without writing. */
export class SyncRunLostError extends Error {
  override readonly name = 'SyncRunLostError';
}

/** Takes the run if it is queued or its worker has fallen silent. Null: it is finished, or another worker has it. */
export async function claimSyncRun(
  app: Pick<App, 'db' | 'clock' | 'processId'>,
  runId: string,
): Promise<SyncRun | null> {
  const [[claimed]]: [{ id: string }[], number] = await app.db.query(
    `update sync_runs set status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, $2), seen = 0,
       lease_owner = $3, lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
     where id = $1 and (status = 'queued' or (status = 'running' and lease_until < clock_timestamp()))
     returning id`,
    [runId, app.clock(), app.processId],
  );
  return claimed ? app.db.getRepository(SyncRun).findOneByOrFail({ id: runId }) : null;
}

/** Locks the run's row for the rest of the transaction and renews the lease. Throws where another worker has the run. */
export async function holdSyncRun(db: EntityManager, run: SyncRun): Promise<void> {
  const [, held]: [unknown, number] = await db.query(
    `update sync_runs set lease_until = clock_timestamp() + interval '${LEASE_SECONDS} seconds'
     where id = $1 and status = 'running' and attempt = $2`,
    [run.id, run.attempt],
  );
  if (held === 0) throw new SyncRunLostError(`sync run ${run.id} went to another worker`);
}

/** Keeps the lease while a page is waited for. The returned function stops that. */
export function keepSyncRun(app: Pick<App, 'db' | 'log'>, run: SyncRun): () => void {
  const timer = setInterval(() => {
    // A renewal that fails is no harm by itself: the next page's transaction finds out who holds the run.
    holdSyncRun(app.db.manager, run).catch((err) => app.log.warn({ err, runId: run.id }, 'sync run lease not renewed'));
  }, RENEW_MS);
  return () => clearInterval(timer);
}

/** Hands an unfinished run back, so that the next worker need not wait for the lease to end. */
export async function releaseSyncRun(app: Pick<App, 'db'>, run: SyncRun): Promise<void> {
  await app.db.query(
    `update sync_runs set lease_until = clock_timestamp() where id = $1 and status = 'running' and attempt = $2`,
    [run.id, run.attempt],
  );
}
