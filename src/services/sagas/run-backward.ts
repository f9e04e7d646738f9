import { COMPENSATION_POLICY } from '../../core/sagas/retry-policy.js';
import { performStep } from './perform-step.js';
import type { LedgerRow, SagaState } from './saga-state.js';
import { eventOf, type Progress, type Runner, resolveResult, stepOf } from './saga-turn.js';
import { type NewEvent, type SagaChange, writeSaga } from './write-saga.js';

/** Polls that a compensation may take. */
const MAX_POLLS = 96;

/** The change that starts the compensation. `from` is the row of the first step to compensate, `first` the events before. */
export function startCompensation({
  why,
  from,
  first,
}: {
  readonly why: string;
  readonly from: LedgerRow;
  readonly first: readonly NewEvent[];
}): SagaChange {
  const events: NewEvent[] = [...first, { type: 'compensation_started', status: 'compensating', message: why }];
  const ledger = [beginCompensating(from)];
  return { status: 'compensating', cause: why, error: why, currentStepIndex: from.index, ledger, events };
}

/** The change that rolls a saga back that was cancelled before its first step. */
export function cancelBeforeStart(): SagaChange {
  const why = 'Cancelled on request.';
  return {
    status: 'rolled_back',
    cause: why,
    error: why,
    events: [
      { type: 'started', status: 'running' },
      { type: 'compensation_started', status: 'compensating', message: why },
      { type: 'rolled_back', status: 'rolled_back' },
    ],
  };
}

/** The row of a step whose compensation starts, with its attempts reset. */
export function beginCompensating(row: LedgerRow): LedgerRow {
  return { ...row, status: 'compensating', attempts: 1, polls: 0, message: null, finishedAt: null };
}

/** Calls the compensation of the last step that is not compensated yet, once, and writes its outcome. */
export async function runBackward(runner: Runner, saga: SagaState): Promise<Progress> {
  const { app, registry, lease } = runner;
  const row = lastUncompensated(saga.ledger);
  if (!row) return { saga: await finish(runner, saga, [], []), waitMs: null };
  const step = stepOf(registry, row);
  if (step.compensate === null) return { saga: await stepCompensated(runner, saga, row), waitMs: null };
  const performed = await performStep(app, { saga, row, step, lease }, 'compensate');
  const outcome = await resolveResult(app, performed, { maxPolls: MAX_POLLS, policy: COMPENSATION_POLICY });
  switch (outcome.is) {
    case 'waiting':
      return outcome.progress;
    case 'done':
      return { saga: await stepCompensated(runner, outcome.saga, outcome.row), waitMs: null };
    case 'failed':
      return { saga: await compensationFailed(runner, outcome.saga, outcome.row, outcome.message), waitMs: null };
  }
}

function lastUncompensated(ledger: readonly LedgerRow[]): LedgerRow | undefined {
  return ledger.findLast((row) => row.status !== 'compensated' && row.status !== 'compensation_failed');
}

function stepCompensated(runner: Runner, saga: SagaState, row: LedgerRow): Promise<SagaState> {
  const compensated: LedgerRow = { ...row, status: 'compensated', finishedAt: runner.app.clock() };
  return advance(runner, saga, compensated, eventOf(compensated, { type: 'step_compensated', status: 'compensating' }));
}

async function compensationFailed(
  runner: Runner,
  saga: SagaState,
  row: LedgerRow,
  message: string,
): Promise<SagaState> {
  const { irreversible, name } = stepOf(runner.registry, row);
  const ended: LedgerRow = { ...row, status: 'compensation_failed', error: message, finishedAt: runner.app.clock() };
  const event = eventOf(ended, { type: 'step_compensation_failed', status: 'compensating', message });
  if (irreversible === null) return advance(runner, saga, ended, event);
  // The step has acted: compensating the steps before it would lose what is left. The saga can only continue forward.
  const error = `${saga.cause} ${name} cannot be undone: ${irreversible} A retry continues with ${name}.`;
  return (await writeSaga(runner.app, saga, {
    status: 'failed',
    error,
    ledger: [{ ...ended, status: 'failed' }],
    events: [event, { type: 'failed', status: 'failed', message: error }],
  })) as SagaState;
}

/** Starts the compensation of the step before, or ends the saga. */
async function advance(runner: Runner, saga: SagaState, row: LedgerRow, event: NewEvent): Promise<SagaState> {
  const ledger = saga.ledger.map((each) => (each.index === row.index ? row : each));
  const next = lastUncompensated(ledger);
  if (!next) return finish(runner, { ...saga, ledger }, [row], [event]);
  const change = { currentStepIndex: next.index, ledger: [row, beginCompensating(next)], events: [event] };
  return (await writeSaga(runner.app, saga, change)) as SagaState;
}

async function finish(
  { app }: Runner,
  saga: SagaState,
  rows: readonly LedgerRow[],
  event: readonly NewEvent[],
): Promise<SagaState> {
  const left = saga.ledger.filter((row) => row.status === 'compensation_failed');
  const error = left.length === 0 ? saga.cause : `${saga.cause} Left behind: ${left.map(describeLeftover).join('; ')}`;
  const status = left.length === 0 ? 'rolled_back' : 'failed';
  const events: NewEvent[] = [...event, { type: status, status, message: left.length === 0 ? null : error }];
  return (await writeSaga(app, saga, { status, error, ledger: rows, events })) as SagaState;
}

/** What an operator has to clean up: the step, what it created, and why that is still there. */
function describeLeftover({ name, output, notes, error }: LedgerRow): string {
  const made = { ...notes, ...output };
  return `${name}${Object.keys(made).length > 0 ? ` ${JSON.stringify(made)}` : ''}: ${error}`;
}
