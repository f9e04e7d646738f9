import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { SagaState } from './saga-state.js';
import { LeaseLostError } from './write-saga.js';

type LeaseApp = Pick<App, 'db' | 'config' | 'log'>;

/** A runner's hold on a saga, renewed for as long as its process is alive. */
export interface Hold {
  /** Aborts when the saga is known to have gone to another runner, or this process stops. */
  readonly signal: AbortSignal;
  /** Renews the lease. Throws LeaseLostError where another runner has the saga. */
  check(): Promise<void>;
  release(): void;
}

export function holdSaga(app: LeaseApp, saga: Pick<SagaState, 'id' | 'epoch'>, stopping: AbortSignal): Hold {
  const lost = new AbortController();
  const seconds = app.config.sagaLeaseSeconds;
  const check = async () => {
    const [, count]: [unknown, number] = await app.db.query(
      `update saga_runs set lease_until = clock_timestamp() + $3 * interval '1 second'
       where id = $1 and epoch = $2 and lease_owner is not null`,
      [saga.id, saga.epoch, seconds],
    );
    if (count > 0) return;
    const error = new LeaseLostError(`saga ${saga.id} went to another runner`);
    lost.abort(error);
    throw error;
  };
  const renew = () => {
    // A renewal that fails is no harm by itself: every write and every call finds out who holds the saga.
    check().catch((err) => app.log.warn({ err, sagaId: saga.id }, 'saga lease not renewed'));
  };
  const timer = setInterval(renew, (seconds * 1000) / 3);
  return {
    signal: AbortSignal.any([lost.signal, stopping]),
    check,
    release: () => clearInterval(timer),
  };
}

/** Locks the saga's row for the rest of a step's transaction. Throws LeaseLostError where another runner has it. */
export async function lockHeldSaga(db: EntityManager, saga: Pick<SagaState, 'id' | 'epoch'>): Promise<void> {
  const held: unknown[] = await db.query(
    'select from saga_runs where id = $1 and epoch = $2 and lease_owner is not null for no key update',
    [saga.id, saga.epoch],
  );
  if (held.length === 0) throw new LeaseLostError(`saga ${saga.id} went to another runner`);
}

/** Hands an unfinished saga back, so that the next runner need not wait for the lease to end. */
export async function handBackSaga(app: Pick<App, 'db'>, saga: Pick<SagaState, 'id' | 'epoch'>): Promise<void> {
  await app.db.query(
    'update saga_runs set lease_until = clock_timestamp() where id = $1 and epoch = $2 and lease_owner is not null',
    [saga.id, saga.epoch],
  );
}
