import type { App } from '../../context.js';
import type { SagaState } from './saga-state.js';

/** Wakes a worker for a saga, after the commit; the rows say everything else. Each occasion has a job of its own. */
export async function queueSaga(
  app: Pick<App, 'queues'>,
  saga: Pick<SagaState, 'id' | 'epoch'>,
  occasion: string,
  delayMs = 0,
): Promise<void> {
  const id = `saga-${saga.id}-${saga.epoch}-${occasion}`;
  await app.queues.add('provisioning', 'run-saga', { sagaId: saga.id }, delayMs > 0 ? { id, delayMs } : { id });
}
