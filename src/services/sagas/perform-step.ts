import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { DomainError, ProviderError } from '../../errors.js';
import { type Hold, lockHeldSaga } from './saga-lease.js';
import type { LedgerRow, SagaState } from './saga-state.js';
import { type Json, type Step, type StepAnswer, type StoredGiven, UnreadableError } from './step.js';
import { LeaseLostError, writeSaga } from './write-saga.js';

export type SagaApp = Pick<
  App,
  'db' | 'reads' | 'clock' | 'config' | 'digitalOcean' | 'live' | 'log' | 'processId' | 'queues'
>;

export type Direction = 'execute' | 'compensate';

/** What a step did, and the saga with what the step noted meanwhile. */
export interface Performed {
  readonly answer: StepAnswer<Json>;
  readonly saga: SagaState;
  readonly row: LedgerRow;
}

/**
 * Runs one step once, forward or backward. Whatever it throws is a failure; only a lost lease and the end of this
 * process pass through.
 */
export async function performStep(
  app: SagaApp,
  given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step; readonly hold: Hold },
  direction: Direction,
): Promise<Performed> {
  const { step, hold } = given;
  let { saga, row } = given;
  const tools: StoredGiven = {
    sagaId: saga.id,
    actor: `saga:${saga.id}`,
    pollSeconds: app.config.digitalOcean.pollIntervalMs / 1_000,
    clock: app.clock,
    digitalOcean: app.digitalOcean.provisioningFor({ beforeTry: hold.check, signal: hold.signal }),
    inputs: { ...saga.inputs, ...saga.steps[row.index]?.inputs },
    context: saga.context,
    get kept() {
      return row.kept;
    },
    output: row.output,
    write: (work) =>
      app.db.transaction(async (db: EntityManager) => {
        await lockHeldSaga(db, saga);
        return work(db);
      }),
    keep: async (more) => {
      row = { ...row, kept: { ...row.kept, ...more } };
      saga = (await writeSaga(app, saga, { ledger: [row] })) as SagaState;
    },
  };
  try {
    const answer =
      direction === 'execute' ? await step.execute(tools) : ((await step.compensate?.(tools)) as StepAnswer<Json>);
    return { answer, saga, row };
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    hold.signal.throwIfAborted();
    if (!(error instanceof DomainError)) app.log.warn({ err: error, sagaId: saga.id, step: step.name }, 'step threw');
    return { answer: failureOf(error), saga, row };
  }
}

/** What the provider calls passing may pass; what our own rules refuse does not; of anything else nobody knows. */
function failureOf(error: unknown): StepAnswer<never> {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ProviderError) {
    const { retryable, retryAfterSeconds } = error.failure;
    return {
      is: 'failed',
      kind: retryable ? 'retryable' : 'permanent',
      message,
      afterSeconds: retryAfterSeconds ?? null,
    };
  }
  const isOurs = error instanceof DomainError || error instanceof UnreadableError;
  return { is: 'failed', kind: isOurs ? 'permanent' : 'retryable', message, afterSeconds: null };
}
