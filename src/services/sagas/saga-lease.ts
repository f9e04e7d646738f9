import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { App } from '../../context.js';
import { preparedQueries } from '../../database/prepared.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { type HeldLease, holdLease } from '../leases/hold-lease.js';
import { leasesOf } from '../leases/lease.js';
import type { SagaState } from './saga-state.js';

type LeaseApp = Pick<App, 'db' | 'config' | 'log'>;
type HeldSaga = Pick<SagaState, 'id' | 'epoch'>;

/** Claimed by `takeSaga`, whose statement writes the ledger and the events too. */
export const sagaLeases = leasesOf<HeldSaga>({
  name: 'saga',
  table: 'saga_runs',
  untilColumn: 'lease_until',
  ownerColumn: 'lease_owner',
  released: 'clock_timestamp()',
  isHeldBy: (saga) => sql`id = ${saga.id} and epoch = ${saga.epoch} and lease_owner is not null`,
  describe: (saga) => `saga ${saga.id}`,
});

/** Holds a saga that was just taken, until `release`. */
export function holdSaga(app: LeaseApp, saga: HeldSaga, stopping: AbortSignal): HeldLease {
  const seconds = app.config.sagaLeaseSeconds;
  return holdLease(
    {
      seconds,
      subject: `saga ${saga.id}`,
      log: app.log,
      renew: () => sagaLeases.renew(preparedQueries(app.db), saga, seconds),
      lostError: () => sagaLeases.lostError(saga),
    },
    stopping,
  );
}

/**
 * Locks the saga's row for the rest of a step's transaction. Throws LeaseLostError if another runner has the saga. If this
 * process stands still in the middle, Postgres ends the transaction after the length of a lease.
 */
export async function lockHeldSaga(db: EntityManager, saga: HeldSaga, leaseSeconds: number): Promise<void> {
  await sagaLeases.lock(db, saga, leaseSeconds);
}

const EpochRow = rowShape({ epoch: z.string() });

/**
 * Ends the lease of an unfinished saga, so that the next runner need not wait. The raised epoch rejects the writes that
 * this runner still has under way. Returns the new epoch; null: this runner did not hold the saga any more.
 */
export async function handBackSaga(app: Pick<App, 'db'>, saga: HeldSaga): Promise<string | null> {
  const row = await preparedQueries(app.db).maybeOne(
    EpochRow,
    sql`/* hand-back-saga */ update saga_runs set lease_until = clock_timestamp(), epoch = epoch + 1
      where id = ${saga.id} and epoch = ${saga.epoch} and lease_owner is not null returning epoch::text`,
  );
  return row?.epoch ?? null;
}
