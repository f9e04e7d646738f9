import { isFinished, type SagaStepRef, stepKey } from '../../core/sagas/sagas.js';
import { retryOutage } from '../../database/retry-outage.js';
import { LeaseLostError } from '../leases/lease.js';
import type { SagaApp } from './perform-step.js';
import { queueSaga } from './queue-saga.js';
import { cancelBeforeStart, runBackward } from './run-backward.js';
import { runForward } from './run-forward.js';
import { handBackSaga, holdSaga } from './saga-lease.js';
import { type FoundSaga, findSagaState, type SagaState } from './saga-state.js';
import { eventOf, type Runner, startedRow, type Turn } from './saga-turn.js';
import type { StepRegistry } from './step.js';
import { type SagaChange, takeSaga } from './write-saga.js';

/** Until a release that knows a saga's steps may have come. */
const UNKNOWN_STEP_SECONDS = 60;
/** After a trouble of our own: the database was away, or a bug. */
const ERROR_RETRY_MS = 1_000;
/** Each one that fails was another's progress. */
const TRIES = 10;

/**
 * Runs a saga until it is finished or has to wait. A second delivery finds it held, waiting or finished and does
 * nothing; a saga whose runner died goes on with the step that it was at.
 */
export async function runSaga(app: SagaApp, registry: StepRegistry, id: string, signal: AbortSignal): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await findSagaState(app, id);
    if (!found || isFinished(found.status) || found.isHeld) return;
    // A job may come a little early: its clock is not the database's.
    if (found.dueInMs > 0) return queueSaga(app, found, 'due', Math.ceil(found.dueInMs));
    const unknown = found.steps.find((step) => !registry.has(stepKey(step)));
    if (unknown) return deferUnknownStep(app, found, unknown);
    // Not as it was found: somebody wrote it meanwhile.
    const taken = await takeSaga(app, found, app.processId, takeOverChange(app, found));
    if (taken) return runTaken(app, registry, taken, signal);
  }
  app.log.warn({ sagaId: id }, 'saga not taken up: others write it all the time; recovery comes back to it');
}

/** What a runner that takes a saga writes with it; what an earlier release had against it is gone. */
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

/** Leaves a saga that has a step which this release does not know, for one that does. */
async function deferUnknownStep(app: SagaApp, saga: FoundSaga, { name, version }: SagaStepRef): Promise<void> {
  const error = `This release does not know version ${version} of the step ${name}; the one that does can finish this saga.`;
  app.log.error({ sagaId: saga.id, step: { name, version } }, 'saga refused: unknown step');
  await takeSaga(app, saga, app.processId, { error, waitSeconds: UNKNOWN_STEP_SECONDS });
}

async function runTaken(app: SagaApp, registry: StepRegistry, taken: SagaState, signal: AbortSignal): Promise<void> {
  const hold = holdSaga(app, taken, signal);
  try {
    await runHeld({ app, registry, hold }, taken);
  } catch (err) {
    await stopAfter(app, taken, err, signal);
  } finally {
    hold.release();
  }
}

async function runHeld(runner: Runner, taken: SagaState): Promise<void> {
  const { app, hold } = runner;
  let turn: Turn = { saga: taken, waitMs: null };
  while (!isFinished(turn.saga.status)) {
    if (turn.waitMs !== null) return queueSaga(app, turn.saga, 'wait', turn.waitMs);
    hold.signal.throwIfAborted();
    turn = await (turn.saga.status === 'compensating' ? runBackward : runForward)(runner, turn.saga);
  }
  const { id, kind, status, error } = turn.saga;
  app.log[status === 'failed' ? 'error' : 'info']({ sagaId: id, kind, status, error }, 'saga finished');
}

/** Whatever stopped the runner: the saga stays as it was last written, and somebody takes it up again. */
async function stopAfter(app: SagaApp, saga: SagaState, err: unknown, signal: AbortSignal): Promise<void> {
  const fields = { sagaId: saga.id, kind: saga.kind };
  if (err instanceof LeaseLostError) {
    app.log.warn(fields, 'saga went to another runner');
    return;
  }
  if (signal.aborted) app.log.info(fields, 'saga handed back: this process is stopping');
  else app.log.error({ ...fields, err }, 'saga runner stopped; it is taken up again');
  try {
    // While the database is away the saga is ours all the same: the sooner it is handed back, the sooner it goes on.
    const handBack = () => handBackSaga(app, saga);
    const epoch = (await retryOutage(handBack, { forMs: app.config.sagaLeaseSeconds * 1_000, signal })) ?? saga.epoch;
    await queueSaga(app, { id: saga.id, epoch }, 'trouble', ERROR_RETRY_MS);
  } catch (error) {
    app.log.warn({ ...fields, err: error }, 'saga not handed back; recovery takes it up once its lease ends');
  }
}
