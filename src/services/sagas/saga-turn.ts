import { type RetryPolicy, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { type SagaStepRef, stepKey } from '../../core/sagas/sagas.js';
import type { HeldLease } from '../leases/hold-lease.js';
import type { PerformedStep, SagaApp } from './perform-step.js';
import type { LedgerRow, SagaState } from './saga-state.js';
import type { Json, Step, StepRegistry } from './step.js';
import { type NewEvent, writeSaga } from './write-saga.js';

export interface Runner {
  readonly app: SagaApp;
  readonly registry: StepRegistry;
  readonly lease: HeldLease;
}

/** A saga after one call of a step. `waitMs` null: the runner continues at once. */
export interface Progress {
  readonly saga: SagaState;
  readonly waitMs: number | null;
}

/** The maximum delay of an `again` result. */
const MAX_WAIT_SECONDS = 86_400;

/** The outcome of a step after polls and retries are taken into account. */
export type Outcome =
  | { readonly is: 'done'; readonly saga: SagaState; readonly row: LedgerRow; readonly output: Json }
  | { readonly is: 'waiting'; readonly progress: Progress }
  | { readonly is: 'failed'; readonly saga: SagaState; readonly row: LedgerRow; readonly message: string };

/** Schedules another poll or retry if the step's limits allow it; else the outcome is final. */
export async function resolveResult(
  app: SagaApp,
  { result, saga, row }: PerformedStep,
  { maxPolls, policy }: { readonly maxPolls: number; readonly policy: RetryPolicy },
): Promise<Outcome> {
  switch (result.is) {
    case 'done':
      return { is: 'done', saga, row, output: result.output };
    case 'again': {
      const { message, afterSeconds } = result;
      if (row.polls >= maxPolls) {
        return {
          is: 'failed',
          saga,
          row,
          message: `Not done after ${maxPolls} polls${message ? `: ${message}` : '.'}`,
        };
      }
      const polled: LedgerRow = { ...row, polls: row.polls + 1, message: message ?? row.message };
      const isNew = message !== null && message !== row.message;
      const seconds = Math.min(Math.max(0, afterSeconds), MAX_WAIT_SECONDS);
      return { is: 'waiting', progress: await pause(app, saga, polled, isNew ? message : null, seconds) };
    }
    case 'failed': {
      if (result.kind === 'permanent' || row.attempts >= policy.attempts) {
        return { is: 'failed', saga, row, message: result.message };
      }
      const seconds = retryDelaySeconds(policy, row.attempts, result.afterSeconds);
      const message = `Attempt ${row.attempts} of ${policy.attempts} failed, the next in ${seconds} s: ${result.message}`;
      const failedOnce: LedgerRow = { ...row, attempts: row.attempts + 1, error: result.message };
      return { is: 'waiting', progress: await pause(app, saga, failedOnce, message, seconds) };
    }
  }
}

/** Releases the saga for so many seconds; with 0 the runner continues with it. */
async function pause(
  app: SagaApp,
  saga: SagaState,
  row: LedgerRow,
  message: string | null,
  seconds: number,
): Promise<Progress> {
  const events = message === null ? [] : [eventOf(row, { type: 'step_progress', status: saga.status, message })];
  const wait = seconds > 0 ? { waitSeconds: seconds } : {};
  const written = (await writeSaga(app, saga, { ledger: [row], events, ...wait })) as SagaState;
  return { saga: written, waitMs: seconds > 0 ? Math.ceil(seconds * 1_000) : null };
}

/** The ledger row of a step that starts now. */
export function startedRow(steps: readonly SagaStepRef[], index: number, at: Date): LedgerRow {
  const { name, version } = steps[index] as SagaStepRef;
  return {
    index,
    name,
    version,
    status: 'running',
    attempts: 1,
    polls: 0,
    output: null,
    notes: {},
    message: null,
    error: null,
    startedAt: at,
    finishedAt: null,
  };
}

export function eventOf(row: LedgerRow, event: Pick<NewEvent, 'type' | 'status' | 'message'>): NewEvent {
  return { ...event, stepIndex: row.index, stepName: row.name };
}

/** The step of a row. The runner has checked that the registry has every step of its saga. */
export function stepOf(registry: StepRegistry, row: Pick<LedgerRow, 'name' | 'version'>): Step {
  return registry.get(stepKey(row)) as Step;
}
