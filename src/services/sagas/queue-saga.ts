import type { App } from '../../context.js';
import type { SagaState } from './saga-state.js';

/** Queues a job for a saga, after the commit. The job carries the id only. Each occasion has a job of its own. */
export async function queueSaga(
  app: Pick<App, 'queues'>,
  saga: Pick<SagaState, 'id' | 'epoch'>,
  occasion: string,
  delayMs = 0,
): Promise<void> {
  const id = `saga-${saga.id}-${saga.epoch}-${occasion}`;
  await app.queues.add('provisioning', 'run-saga', { sagaId: saga.id }, delayMs > 0 ? { id, delayMs } : { id });
}
