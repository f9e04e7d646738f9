import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { SyncRun } from '../../entities/sync-run.js';

type LeaseApp = Pick<App, 'db' | 'clock' | 'config' | 'log' | 'processId'>;

/** The run went to another worker; whoever held it stops without writing. */
export class SyncRunLostError extends Error {
  override readonly name = 'SyncRunLostError';
}

/** Takes the run if it is queued or its worker has fallen silent. Null: it is finished, or another worker has it. */
export async function claimSyncRun(app: LeaseApp, runId: string): Promise<SyncRun | null> {
  const [[claimed]]: [{ id: string }[], number] = await app.db.query(
    `update sync_runs set status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, $2), seen = 0,
       lease_owner = $3, lease_until = clock_timestamp() + $4 * interval '1 second'
     where id = $1 and (status = 'queued' or (status = 'running' and lease_until < clock_timestamp()))
     returning id`,
    [runId, app.clock(), app.processId, app.config.sagaLeaseSeconds],
  );
  return claimed ? app.db.getRepository(SyncRun).findOneByOrFail({ id: runId }) : null;
}

/** Locks the run's row for the rest of the transaction. Throws where another worker has the run. */
export async function holdSyncRun(db: EntityManager, run: SyncRun): Promise<void> {
  const held: unknown[] = await db.query(
    `select from sync_runs where id = $1 and status = 'running' and attempt = $2 for update`,
    [run.id, run.attempt],
  );
  if (held.length === 0) throw new SyncRunLostError(`sync run ${run.id} went to another worker`);
}

/** Renews the lease for as long as this process is alive. The returned function stops that. */
export function keepSyncRun(app: LeaseApp, run: SyncRun): () => void {
  const seconds = app.config.sagaLeaseSeconds;
  const renew = () => {
    const renewed = app.db.query(
      `update sync_runs set lease_until = clock_timestamp() + $3 * interval '1 second'
       where id = $1 and status = 'running' and attempt = $2`,
      [run.id, run.attempt, seconds],
    );
    // A renewal that fails is no harm by itself: the next page's transaction finds out who holds the run.
    renewed.catch((err) => app.log.warn({ err, runId: run.id }, 'sync run lease not renewed'));
  };
  const timer = setInterval(renew, (seconds * 1000) / 3);
  return () => clearInterval(timer);
}

/** Hands an unfinished run back, so that the next worker need not wait for the lease to end. */
export async function releaseSyncRun(app: Pick<App, 'db'>, run: SyncRun): Promise<void> {
  await app.db.query(
    `update sync_runs set lease_until = clock_timestamp() where id = $1 and status = 'running' and attempt = $2`,
    [run.id, run.attempt],
  );
}
