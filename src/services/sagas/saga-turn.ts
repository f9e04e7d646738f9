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
  readonly hold: HeldLease;
}

/** Where a saga stands after one turn; `waitMs` null: it goes on at once. */
export interface Turn {
  readonly saga: SagaState;
  readonly waitMs: number | null;
}

/** No saga sleeps longer, whatever a step says. */
const MAX_WAIT_SECONDS = 86_400;

/** What came of performing a step, once patience and retries are taken into account. */
export type Outcome =
  | { readonly is: 'done'; readonly saga: SagaState; readonly row: LedgerRow; readonly output: Json }
  | { readonly is: 'waiting'; readonly turn: Turn }
  | { readonly is: 'failed'; readonly saga: SagaState; readonly row: LedgerRow; readonly message: string };

/** Writes that a step is to be asked or tried again, where that may still help. */
export async function resolveResult(
  app: SagaApp,
  { answer, saga, row }: PerformedStep,
  { maxPolls, policy }: { readonly maxPolls: number; readonly policy: RetryPolicy },
): Promise<Outcome> {
  switch (answer.is) {
    case 'done':
      return { is: 'done', saga, row, output: answer.output };
    case 'again': {
      const { message, afterSeconds } = answer;
      if (row.polls >= maxPolls) {
        return {
          is: 'failed',
          saga,
          row,
          message: `Not done after ${maxPolls} looks${message ? `: ${message}` : '.'}`,
        };
      }
      const asked: LedgerRow = { ...row, polls: row.polls + 1, message: message ?? row.message };
      const isNews = message !== null && message !== row.message;
      const seconds = Math.min(Math.max(0, afterSeconds), MAX_WAIT_SECONDS);
      return { is: 'waiting', turn: await pause(app, saga, asked, isNews ? message : null, seconds) };
    }
    case 'failed': {
      if (answer.kind === 'permanent' || row.attempts >= policy.attempts) {
        return { is: 'failed', saga, row, message: answer.message };
      }
      const seconds = retryDelaySeconds(policy, row.attempts, answer.afterSeconds);
      const message = `Attempt ${row.attempts} of ${policy.attempts} failed, the next in ${seconds} s: ${answer.message}`;
      const tried: LedgerRow = { ...row, attempts: row.attempts + 1, error: answer.message };
      return { is: 'waiting', turn: await pause(app, saga, tried, message, seconds) };
    }
  }
}

/** Lets go of the saga for so long; for no time at all it is kept. */
async function pause(
  app: SagaApp,
  saga: SagaState,
  row: LedgerRow,
  message: string | null,
  seconds: number,
): Promise<Turn> {
  const events = message === null ? [] : [eventOf(row, { type: 'step_progress', status: saga.status, message })];
  const wait = seconds > 0 ? { waitSeconds: seconds } : {};
  const written = (await writeSaga(app, saga, { ledger: [row], events, ...wait })) as SagaState;
  return { saga: written, waitMs: seconds > 0 ? Math.ceil(seconds * 1_000) : null };
}

/** A ledger row for a step that starts now. */
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

/** The step of a row. The runner has made sure that it knows every step of its saga. */
export function stepOf(registry: StepRegistry, row: Pick<LedgerRow, 'name' | 'version'>): Step {
  return registry.get(stepKey(row)) as Step;
}
