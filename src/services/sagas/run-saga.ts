import { isFinished, type SagaStepRef, stepKey } from '../../core/sagas/sagas.js';
import { retryOutage } from '../../database/retry-outage.js';
import { LeaseLostError } from '../leases/lease.js';
import type { SagaApp } from './perform-step.js';
import { queueSaga } from './queue-saga.js';
import { cancelBeforeStart, runBackward } from './run-backward.js';
import { runForward } from './run-forward.js';
import { handBackSaga, holdSaga } from './saga-lease.js';
import { type FoundSaga, findSagaState, type SagaState } from './saga-state.js';
import { eventOf, type Progress, type Runner, startedRow } from './saga-turn.js';
import type { StepRegistry } from './step.js';
import { type SagaChange, takeSaga } from './write-saga.js';

/** How long a saga waits for a release that has its steps. */
const UNKNOWN_STEP_SECONDS = 60;
/** The delay after an error of this process: the database was away, or a bug. */
const ERROR_RETRY_MS = 1_000;
/** Attempts to take a saga. An attempt fails if another process wrote the saga meanwhile. */
const MAX_TAKES = 10;

/**
 * Runs a saga until it is finished or has to wait. A second delivery finds it held, waiting or finished and does
 * nothing. A saga whose runner died resumes with its present step.
 */
export async function runSaga(app: SagaApp, registry: StepRegistry, id: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < MAX_TAKES; tries++) {
    const found = await findSagaState(app, id);
    if (!found || isFinished(found.status) || found.isHeld) return;
    // A job may be early: its clock is not the database's.
    if (found.dueInMs > 0) return queueSaga(app, found, 'due', Math.ceil(found.dueInMs));
    const unknown = found.steps.find((step) => !registry.has(stepKey(step)));
    if (unknown) return deferUnknownStep(app, found, unknown);
    const taken = await takeSaga(app, found, app.processId, takeOverChange(app, found));
    if (taken) return runTaken(app, registry, taken, signal);
  }
  app.log.warn({ sagaId: id }, 'saga not taken: other processes keep writing it; recovery queues it again');
}

/** The change that a runner writes when it takes a saga. It clears the error of `deferUnknownStep`. */
function takeOverChange(app: SagaApp, saga: FoundSaga): SagaChange {
  const error = saga.cause;
  if (saga.status !== 'pending') {
    return saga.leaseOwner === null ? { error } : { error, events: [{ type: 'resumed', status: saga.status }] };
  }
  if (saga.cancelRequested) return cancelBeforeStart();
  const row = startedRow(saga.steps, 0, app.clock());
  const started = eventOf(row, { type: 'step_started', status: 'running' });
  return { status: 'running', error, ledger: [row], events: [{ type: 'started', status: 'running' }, started] };
}

/** Leaves a saga with an unknown step to a release that has the step. */
async function deferUnknownStep(app: SagaApp, saga: FoundSaga, { name, version }: SagaStepRef): Promise<void> {
  const error = `This release does not know version ${version} of the step ${name}; a release that does can finish this saga.`;
  app.log.error({ sagaId: saga.id, step: { name, version } }, 'saga deferred: unknown step');
  await takeSaga(app, saga, app.processId, { error, waitSeconds: UNKNOWN_STEP_SECONDS });
}

async function runTaken(app: SagaApp, registry: StepRegistry, taken: SagaState, signal: AbortSignal): Promise<void> {
  const lease = holdSaga(app, taken, signal);
  try {
    await runHeld({ app, registry, lease }, taken);
  } catch (err) {
    await stopAfter(app, taken, err, signal);
  } finally {
    lease.release();
  }
}

async function runHeld(runner: Runner, taken: SagaState): Promise<void> {
  const { app, lease } = runner;
  let progress: Progress = { saga: taken, waitMs: null };
  while (!isFinished(progress.saga.status)) {
    if (progress.waitMs !== null) return queueSaga(app, progress.saga, 'wait', progress.waitMs);
    lease.signal.throwIfAborted();
    progress = await (progress.saga.status === 'compensating' ? runBackward : runForward)(runner, progress.saga);
  }
  const { id, kind, status, error } = progress.saga;
  app.log[status === 'failed' ? 'error' : 'info']({ sagaId: id, kind, status, error }, 'saga finished');
}

/** Hands the saga back after an error: it stays as it was last written, and another runner resumes it. */
async function stopAfter(app: SagaApp, saga: SagaState, err: unknown, signal: AbortSignal): Promise<void> {
  const fields = { sagaId: saga.id, kind: saga.kind };
  if (err instanceof LeaseLostError) {
    app.log.warn(fields, 'saga went to another runner');
    return;
  }
  if (signal.aborted) app.log.info(fields, 'saga handed back: this process is stopping');
  else app.log.error({ ...fields, err }, 'saga runner failed; the saga is queued again');
  try {
    // The lease lasts while the database is away. Handing back early lets the saga resume early.
    const handBack = () => handBackSaga(app, saga);
    const epoch = (await retryOutage(handBack, { forMs: app.config.sagaLeaseSeconds * 1_000, signal })) ?? saga.epoch;
    await queueSaga(app, { id: saga.id, epoch }, 'trouble', ERROR_RETRY_MS);
  } catch (error) {
    app.log.warn({ ...fields, err: error }, 'saga not handed back; recovery queues it once its lease ends');
  }
}
