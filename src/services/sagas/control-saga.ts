import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { isFinished, type SagaEventType, type SagaStatus } from '../../core/sagas/sagas.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { claimResource } from './owning-saga.js';
import { queueSaga } from './queue-saga.js';
import { wakeFollowers } from './write-saga.js';

type ControlApp = Pick<App, 'db' | 'clock' | 'live' | 'queues'>;

interface LockedSaga {
  readonly status: SagaStatus;
  readonly cancelRequested: boolean;
  readonly cause: string | null;
  readonly epoch: string;
  readonly resourceId: string | null;
}

/**
 * Asks for a saga to be rolled back: its runner turns round at the next boundary between two steps. Asking again changes
 * nothing. Throws CONFLICT for one that is finished. Operators only: the resolver sees to that.
 */
export async function cancelSaga(app: ControlApp, viewer: Viewer, id: string): Promise<void> {
  await app.db.transaction(async (db) => {
    const saga = await lockSaga(db, id);
    if (isFinished(saga.status)) throw new ConflictError(`The saga is ${saga.status} already.`);
    await requestCancel(db, id, saga, { viewer, at: app.clock() });
  });
  wakeFollowers(app, id);
}

/** A deployment that is given up while a saga provisions it: that saga is cancelled, if it still can be. */
export async function cancelProvisioning(app: ControlApp, viewer: Viewer, deploymentId: string): Promise<void> {
  const sagas: { id: string }[] = await app.db.query(
    `select id from saga_runs where deployment_id = $1 and kind = 'provision_deployment' and finished_at is null`,
    [deploymentId],
  );
  for (const { id } of sagas) {
    await app.db.transaction(async (db) => {
      const saga = await lockSaga(db, id);
      if (!isFinished(saga.status)) await requestCancel(db, id, saga, { viewer, at: app.clock() });
    });
    wakeFollowers(app, id);
  }
}

async function requestCancel(
  db: EntityManager,
  id: string,
  saga: LockedSaga,
  { viewer, at }: { readonly viewer: Viewer; readonly at: Date },
): Promise<void> {
  if (saga.cancelRequested || saga.status === 'compensating') return;
  await db.query('update saga_runs set cancel_requested = true where id = $1', [id]);
  await tell(db, id, { type: 'cancel_requested', status: saga.status, message: `by ${viewer.subject}`, at });
}

/**
 * Goes on with a saga that failed: with the compensations that failed, or forward with the step that failed after one
 * that cannot be undone. Throws CONFLICT for any other, and where another saga is at work on its resource by now.
 * Operators only: the resolver sees to that.
 */
export async function retrySaga(app: ControlApp, viewer: Viewer, id: string): Promise<void> {
  const epoch = await app.db.transaction(async (db) => {
    const saga = await lockSaga(db, id);
    if (saga.status !== 'failed')
      throw new ConflictError(`The saga is ${saga.status}; only one that failed is retried.`);
    if (saga.resourceId !== null) await claimResource(db, saga.resourceId, id);
    const [, undoing]: [unknown, number] = await db.query(
      `update saga_step_results set status = 'compensating', attempts = 1, polls = 0, finished_at = null
       where saga_id = $1 and status = 'compensation_failed'`,
      [id],
    );
    if (undoing === 0) {
      await db.query(
        `update saga_step_results set status = 'running', attempts = 1, polls = 0, finished_at = null
         where saga_id = $1 and status = 'failed'`,
        [id],
      );
    }
    const status = undoing > 0 ? 'compensating' : 'running';
    const [[resumed]]: [[{ epoch: string }], number] = await db.query(
      `update saga_runs set status = $2, finished_at = null, error = case when $2 = 'running' then null else cause end,
         cause = case when $2 = 'running' then null else cause end, current_step_index = (select max(index)
           from saga_step_results where saga_id = $1 and saga_step_results.status = $2), epoch = epoch + 1
       where id = $1 returning epoch::text`,
      [id, status],
    );
    await tell(db, id, { type: 'resumed', status, message: `by ${viewer.subject}`, at: app.clock() });
    return resumed.epoch;
  });
  wakeFollowers(app, id);
  await queueSaga(app, { id, epoch }, `retry-${app.clock().getTime()}`);
}

/** The advisory lock first, as for every write of events; then the row, for the rest of the transaction. */
async function lockSaga(db: EntityManager, id: string): Promise<LockedSaga> {
  if (!isUuid(id)) throw new NotFoundError('saga', id);
  await db.query(`select pg_advisory_xact_lock(hashtext('saga_runs'), hashtext($1))`, [id]);
  const [found]: LockedSaga[] = await db.query(
    `select status, cancel_requested as "cancelRequested", cause, epoch::text, resource_id as "resourceId" from saga_runs where id = $1 for no key update`,
    [id],
  );
  if (!found) throw new NotFoundError('saga', id);
  return found;
}

async function tell(
  db: EntityManager,
  id: string,
  event: { readonly type: SagaEventType; readonly status: SagaStatus; readonly message: string; readonly at: Date },
): Promise<void> {
  await db.query(
    `with told as (update saga_runs set last_sequence = last_sequence + 1 where id = $1 returning id, last_sequence)
     insert into saga_events (saga_id, sequence, type, at, message, status)
     select id, last_sequence, $2, $3, $4, $5 from told`,
    [id, event.type, event.at, event.message, event.status],
  );
}
