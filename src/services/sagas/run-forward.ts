import { STEP_POLICY } from '../../core/sagas/retry-policy.js';
import { performStep } from './perform-step.js';
import { startCompensation } from './run-backward.js';
import { type LedgerRow, rowAt, type SagaState } from './saga-state.js';
import { eventOf, type Progress, type Runner, resolveResult, startedRow, stepOf } from './saga-turn.js';
import type { Json, Step, StepRegistry } from './step.js';
import { type SagaChange, writeSaga } from './write-saga.js';

/** Calls the present step once and writes its outcome. */
export async function runForward(runner: Runner, saga: SagaState): Promise<Progress> {
  const { app, registry, lease } = runner;
  const row = rowAt(saga, saga.currentStepIndex) as LedgerRow;
  const step = stepOf(registry, row);
  const performed = await performStep(app, { saga, row, step, lease }, 'execute');
  const outcome = await resolveResult(app, performed, { maxPolls: step.maxPolls, policy: step.retry ?? STEP_POLICY });
  switch (outcome.is) {
    case 'waiting':
      return outcome.progress;
    case 'done':
      return { saga: await complete(runner, outcome.saga, outcome.row, outcome.output), waitMs: null };
    case 'failed':
      return { saga: await fail(runner, outcome.saga, outcome.row, outcome.message), waitMs: null };
  }
}

/** The completed step that cannot be undone; null: all completed steps can be. */
function pointOfNoReturn(registry: StepRegistry, ledger: readonly LedgerRow[]): Step | null {
  const row = ledger.find((each) => each.status === 'completed' && stepOf(registry, each).irreversible !== null);
  return row ? stepOf(registry, row) : null;
}

/** The step is done: starts the next step or ends the saga, or compensates if a cancel was requested and is still possible. */
async function complete({ app, registry }: Runner, saga: SagaState, row: LedgerRow, output: Json): Promise<SagaState> {
  const at = app.clock();
  const completed: LedgerRow = { ...row, status: 'completed', output, finishedAt: at };
  const context = { ...saga.context, ...output };
  const irrevocable = pointOfNoReturn(registry, [...saga.ledger.filter((each) => each.index !== row.index), completed]);
  const event = (message: string | null) => eventOf(completed, { type: 'step_completed', status: 'running', message });

  function advance(message: string | null): SagaChange {
    const next = row.index + 1;
    if (next === saga.steps.length) {
      const events = [event(message), { type: 'completed', status: 'completed' } as const];
      return { status: 'completed', context, ledger: [completed], events };
    }
    const started = startedRow(saga.steps, next, at);
    const events = [event(message), eventOf(started, { type: 'step_started', status: 'running' })];
    return { currentStepIndex: next, context, ledger: [completed, started], events };
  }

  if (!saga.cancelRequested) {
    const written = await writeSaga(app, saga, { ...advance(null), unlessCancelled: true });
    if (written) return written;
  }
  if (irrevocable) {
    const message = `The cancel came too late: ${irrevocable.name} cannot be undone.`;
    return (await writeSaga(app, saga, advance(message))) as SagaState;
  }
  const change = startCompensation({ why: 'Cancelled on request.', from: completed, first: [event(null)] });
  return (await writeSaga(app, saga, { ...change, context })) as SagaState;
}

/** The step has failed finally: compensates, or ends the saga as failed after a step that cannot be undone. */
async function fail({ app, registry }: Runner, saga: SagaState, row: LedgerRow, message: string): Promise<SagaState> {
  const stopped: LedgerRow = { ...row, status: 'failed', error: message, finishedAt: app.clock() };
  const why = `${row.name} failed: ${message}`;
  const event = eventOf(stopped, { type: 'step_failed', status: 'running', message });
  const irrevocable = pointOfNoReturn(registry, saga.ledger);
  if (!irrevocable) {
    const change = startCompensation({ why, from: stopped, first: [event] });
    return (await writeSaga(app, saga, change)) as SagaState;
  }
  const error = `${why} Nothing was rolled back, since ${irrevocable.name} cannot be undone: ${irrevocable.irreversible} A retry continues with ${row.name}.`;
  const failed = { type: 'failed', status: 'failed', message: error } as const;
  return (await writeSaga(app, saga, {
    status: 'failed',
    cause: why,
    error,
    ledger: [stopped],
    events: [event, failed],
  })) as SagaState;
}
