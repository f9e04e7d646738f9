import { setMaxListeners } from 'node:events';
import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { runPrepared } from '../../database/prepared.js';
import type { SagaState } from './saga-state.js';
import { LeaseLostError } from './write-saga.js';

type LeaseApp = Pick<App, 'db' | 'config' | 'log'>;
type HeldSaga = Pick<SagaState, 'id' | 'epoch'>;

/** A runner's hold on a saga, renewed for as long as its process is alive. */
export interface HeldLease {
  /** Aborts when the saga is known to have gone to another runner or may have, or this process stops. */
  readonly signal: AbortSignal;
  /** Renews the lease. Throws LeaseLostError where another runner has the saga. */
  check(): Promise<void>;
  /** Right before something is sent. Throws where this process stood still after `check`: the lease may have ended. */
  assertFresh(): void;
  release(): void;
}

/** This process stood still, and whether it still holds the saga nobody knows. */
export class LeaseLapsedError extends Error {
  override readonly name = 'LeaseLapsedError';
}

const RENEW = {
  name: 'saga_renew',
  text: `update saga_runs set lease_until = clock_timestamp() + $3::float8 * interval '1 second'
    where id = $1 and epoch = $2 and lease_owner is not null returning true as held`,
};

/** Holds a saga that was just taken, until `release`. */
export function holdSaga(app: LeaseApp, saga: HeldSaga, stopping: AbortSignal): HeldLease {
  const ending = new AbortController();
  const leaseMs = app.config.sagaLeaseSeconds * 1_000;
  // Not AbortSignal.any: it never lets go of a signal that somebody listened to.
  const stop = () => ending.abort(stopping.reason);
  setMaxListeners(0, stopping);
  if (stopping.aborted) stop();
  else stopping.addEventListener('abort', stop, { once: true });
  let confirmedMs = Number.NEGATIVE_INFINITY;
  let isRenewing = false;
  let isReleased = false;

  async function check(): Promise<void> {
    // From before it was asked: the database counts from no earlier than that.
    const requestedMs = performance.now();
    const held = await runPrepared(app.db, RENEW, [saga.id, saga.epoch, app.config.sagaLeaseSeconds]);
    if (held.length === 0) {
      const error = new LeaseLostError(`saga ${saga.id} went to another runner`);
      ending.abort(error);
      throw error;
    }
    confirmedMs = Math.max(confirmedMs, requestedMs);
  }

  function assertFresh(): void {
    // By half of it: what is sent shall also have arrived before anybody else looks.
    if (performance.now() - confirmedMs <= leaseMs / 2) return;
    const error = new LeaseLapsedError(
      `saga ${saga.id} may have gone to another runner while this process stood still`,
    );
    ending.abort(error);
    throw error;
  }

  async function renew(): Promise<void> {
    if (isRenewing) return;
    isRenewing = true;
    try {
      await check();
    } catch (err) {
      // No harm by itself: every write and every call finds out who holds the saga.
      if (!isReleased) app.log.warn({ err, sagaId: saga.id }, 'saga lease not renewed');
    } finally {
      isRenewing = false;
    }
  }

  const timer = setInterval(() => void renew(), leaseMs / 3).unref();
  return {
    signal: ending.signal,
    check,
    assertFresh,
    release() {
      isReleased = true;
      clearInterval(timer);
      stopping.removeEventListener('abort', stop);
    },
  };
}

/**
 * Locks the saga's row for the rest of a step's transaction. Throws LeaseLostError where another runner has it. A process
 * that stands still in the middle keeps the row no longer than a lease: then Postgres ends the transaction.
 */
export async function lockHeldSaga(db: EntityManager, saga: HeldSaga, leaseSeconds: number): Promise<void> {
  const held: unknown[] = await db.query(
    `select set_config('idle_in_transaction_session_timeout', $3, true) from saga_runs
     where id = $1 and epoch = $2 and lease_owner is not null for no key update`,
    [saga.id, saga.epoch, String(leaseSeconds * 1_000)],
  );
  if (held.length === 0) throw new LeaseLostError(`saga ${saga.id} went to another runner`);
}

/**
 * Hands an unfinished saga back, so that the next runner need not wait for the lease to end. Whatever this runner has
 * still under way comes too late then. Answers the epoch after it; null: it was not held any more.
 */
export async function handBackSaga(app: Pick<App, 'db'>, saga: HeldSaga): Promise<string | null> {
  const [rows]: [{ epoch: string }[], number] = await app.db.query(
    `update saga_runs set lease_until = clock_timestamp(), epoch = epoch + 1
     where id = $1 and epoch = $2 and lease_owner is not null returning epoch::text`,
    [saga.id, saga.epoch],
  );
  return rows[0]?.epoch ?? null;
}
