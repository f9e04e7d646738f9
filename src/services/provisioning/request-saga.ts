import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { SagaKind } from '../../core/sagas/sagas.js';
import { BadUserInputError } from '../../errors.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { announceSaga, type SagaRequest, type StartedSaga, startSaga } from '../sagas/start-saga.js';

export type RequestSagaApp = Pick<App, 'db' | 'reads' | 'clock' | 'queues'>;

const MAX_KEY_LENGTH = 200;

/** Throws BAD_USER_INPUT for a key that is empty or too long. */
export function checkIdempotencyKey(key: string | null | undefined, path: string): void {
  if (key === null || key === undefined) return;
  if (key.trim() === '' || key.length > MAX_KEY_LENGTH) {
    throw BadUserInputError.at(path, `takes 1 to ${MAX_KEY_LENGTH} characters`);
  }
}

/**
 * Starts one saga in a transaction of its own and queues it after the commit. `claim` throws if something forbids the saga.
 * A key that was used before answers the earlier saga, whatever happened to the resource since.
 */
export async function requestSaga(
  app: RequestSagaApp,
  viewer: Viewer,
  request: SagaRequest<SagaKind>,
  claim: (db: EntityManager, sagaId: string) => Promise<void>,
): Promise<SagaRow> {
  const started = await app.db.transaction(async (db): Promise<StartedSaga> => {
    const saga = await startSaga(db, viewer, app.clock(), request);
    if (saga.isNew) await claim(db, saga.id);
    return saga;
  });
  await announceSaga(app, started);
  return getSaga(app, viewer, started.id);
}
