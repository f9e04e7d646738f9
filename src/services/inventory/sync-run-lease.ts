import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SyncRun } from '../../entities/sync-run.js';
import { renewRegularly } from '../leases/hold-lease.js';
import { isFree, leasesOf } from '../leases/lease.js';

type LeaseApp = Pick<App, 'db' | 'clock' | 'config' | 'log' | 'processId'>;
type HeldRun = Pick<SyncRun, 'id' | 'attempt'>;

const SyncRunRow = rowOf(SyncRun);

const syncRunLeases = leasesOf<HeldRun>({
  name: 'sync-run',
  table: 'sync_runs',
  untilColumn: 'lease_until',
  ownerColumn: 'lease_owner',
  released: 'clock_timestamp()',
  isHeldBy: (run) => sql`id = ${run.id} and status = 'running' and attempt = ${run.attempt}`,
  describe: (run) => `sync run ${run.id}`,
});

/** Claims the run if it is queued or its worker died. Null: it is finished, or another worker has it. */
export async function claimSyncRun(app: LeaseApp, runId: string): Promise<SyncRun | null> {
  return syncRunLeases.claim(query(app.db), SyncRunRow, {
    where: sql`id = ${runId} and (status = 'queued' or (status = 'running' and ${isFree('lease_until')}))`,
    set: sql`status = 'running', attempt = attempt + 1, started_at = coalesce(started_at, ${app.clock()}), seen = 0`,
    returning: SyncRunRow.columns('sync_runs'),
    owner: app.processId,
    seconds: app.config.sagaLeaseSeconds,
  });
}

/** Locks the run's row for the rest of the transaction. Throws LeaseLostError if another worker has the run. */
export async function holdSyncRun(db: EntityManager, run: HeldRun): Promise<void> {
  await syncRunLeases.lock(db, run);
}

/** Renews the lease for as long as this process is alive. The returned function stops that. */
export function keepSyncRun(app: LeaseApp, run: HeldRun): () => void {
  const seconds = app.config.sagaLeaseSeconds;
  const renew = () => syncRunLeases.renew(query(app.db), run, seconds);
  return renewRegularly({ seconds, subject: `sync run ${run.id}`, log: app.log, renew });
}

/** Ends the lease of an unfinished run, so that the next worker need not wait. */
export async function releaseSyncRun(app: Pick<App, 'db'>, run: HeldRun): Promise<void> {
  await syncRunLeases.release(query(app.db), run);
}
