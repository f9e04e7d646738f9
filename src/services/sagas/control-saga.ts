import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { isFinished, type SagaEventType, type SagaStatus } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { claimResource } from './owning-saga.js';
import { queueSaga } from './queue-saga.js';
import { wakeFollowers } from './write-saga.js';

type ControlApp = Pick<App, 'db' | 'clock' | 'live' | 'queues'>;

const LockedSaga = rowOf(SagaRun, ['status', 'cancelRequested', 'cause', 'epoch', 'resourceId']);
type LockedSaga = RowOf<typeof LockedSaga>;

/**
 * Requests that a saga is rolled back: its runner starts the compensation between two steps. A second request changes
 * nothing. Throws CONFLICT if the saga is finished. Operators only: the resolver sees to that.
 */
export async function cancelSaga(app: ControlApp, viewer: Viewer, id: string): Promise<void> {
  await app.db.transaction(async (db) => {
    const saga = await lockSaga(db, id);
    if (isFinished(saga.status)) throw new ConflictError(`The saga is ${saga.status} already.`);
    await requestCancel(db, id, saga, { viewer, at: app.clock() });
  });
  wakeFollowers(app, id);
}

/** The same for a change that makes the saga pointless; does nothing if the saga is finished. */
export async function cancelIfUnfinished(app: ControlApp, viewer: Viewer, id: string): Promise<void> {
  await app.db.transaction(async (db) => {
    const saga = await lockSaga(db, id);
    if (!isFinished(saga.status)) await requestCancel(db, id, saga, { viewer, at: app.clock() });
  });
  wakeFollowers(app, id);
}

async function requestCancel(
  db: EntityManager,
  id: string,
  saga: LockedSaga,
  { viewer, at }: { readonly viewer: Viewer; readonly at: Date },
): Promise<void> {
  if (saga.cancelRequested || saga.status === 'compensating') return;
  await query(db).execute(sql`/* request-saga-cancel */ update saga_runs set cancel_requested = true where id = ${id}`);
  await appendEvent(db, id, { type: 'cancel_requested', status: saga.status, message: `by ${viewer.subject}`, at });
}

const EpochRow = rowOf(SagaRun, ['epoch']);

/**
 * Resumes a failed saga: with the compensations that failed, or forward with the step that failed after a step that
 * cannot be undone. Throws CONFLICT if the saga did not fail, or if another saga is changing its resource by now.
 * Operators only: the resolver sees to that.
 */
export async function retrySaga(app: ControlApp, viewer: Viewer, id: string): Promise<void> {
  const epoch = await app.db.transaction(async (db) => {
    const saga = await lockSaga(db, id);
    if (saga.status !== 'failed')
      throw new ConflictError(`The saga is ${saga.status}; only one that failed is retried.`);
    if (saga.resourceId !== null) await claimResource(db, saga.resourceId, id);
    const compensating = await query(db).execute(
      sql`/* retry-compensations */ update saga_step_results
        set status = 'compensating', attempts = 1, polls = 0, finished_at = null
        where saga_id = ${id} and status = 'compensation_failed'`,
    );
    if (compensating === 0) {
      await query(db).execute(
        sql`/* retry-step */ update saga_step_results set status = 'running', attempts = 1, polls = 0, finished_at = null
          where saga_id = ${id} and status = 'failed'`,
      );
    }
    const status = compensating > 0 ? 'compensating' : 'running';
    const why = status === 'running' ? sql`null` : sql`cause`;
    const resumed = await query(db).one(
      EpochRow,
      sql`/* retry-saga */ update saga_runs
        set status = ${status}, finished_at = null, error = ${why}, cause = ${why}, epoch = epoch + 1,
          current_step_index = (select max(step.index) from saga_step_results step
            where step.saga_id = ${id} and step.status = ${status})
        where id = ${id} returning ${EpochRow.columns('saga_runs')}`,
    );
    await appendEvent(db, id, { type: 'resumed', status, message: `by ${viewer.subject}`, at: app.clock() });
    return resumed.epoch;
  });
  wakeFollowers(app, id);
  await queueSaga(app, { id, epoch }, `retry-${app.clock().getTime()}`);
}

/** Takes the advisory lock first, as every write of events does; then locks the row for the rest of the transaction. */
async function lockSaga(db: EntityManager, id: string): Promise<LockedSaga> {
  if (!isUuid(id)) throw new NotFoundError('saga', id);
  await query(db).execute(
    sql`/* lock-saga-events */ select pg_advisory_xact_lock(hashtext('saga_runs'), hashtext(${id}))`,
  );
  const found = await query(db).maybeOne(
    LockedSaga,
    sql`/* lock-saga-row */ select ${LockedSaga.columns('saga_runs')} from saga_runs where id = ${id} for no key update`,
  );
  if (!found) throw new NotFoundError('saga', id);
  return found;
}

async function appendEvent(
  db: EntityManager,
  id: string,
  event: { readonly type: SagaEventType; readonly status: SagaStatus; readonly message: string; readonly at: Date },
): Promise<void> {
  await query(db).execute(
    sql`/* append-saga-event */ with numbered as (
        update saga_runs set last_sequence = last_sequence + 1 where id = ${id} returning id, last_sequence)
      insert into saga_events (saga_id, sequence, type, at, message, status)
      select id, last_sequence, ${event.type}, ${event.at}, ${event.message}, ${event.status} from numbered`,
  );
}
