import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { errorText } from '../../core/text/redact.js';
import { storableJson } from '../../core/text/storable-text.js';
import { DomainError, ProviderError } from '../../errors.js';
import type { HeldLease } from '../leases/hold-lease.js';
import { LeaseLostError } from '../leases/lease.js';
import { lockHeldSaga } from './saga-lease.js';
import type { LedgerRow, SagaState } from './saga-state.js';
import { type Json, type Step, type StepResult, type StoredStepInput, UnreadableError } from './step.js';
import { writeSaga } from './write-saga.js';

export type SagaApp = Pick<
  App,
  'db' | 'reads' | 'clock' | 'config' | 'digitalOcean' | 'live' | 'log' | 'processId' | 'queues'
>;

export type Direction = 'execute' | 'compensate';

/** What a step did, and the saga with what the step noted meanwhile. */
export interface PerformedStep {
  readonly answer: StepResult<Json>;
  readonly saga: SagaState;
  readonly row: LedgerRow;
}

/**
 * Runs one step once, forward or backward. Whatever it throws is a failure; only a lost lease and the end of this
 * process pass through.
 */
export async function performStep(
  app: SagaApp,
  given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step; readonly hold: HeldLease },
  direction: Direction,
): Promise<PerformedStep> {
  const { step, hold } = given;
  const turn = createStepWrites(app, given);
  const tools: StoredStepInput = {
    sagaId: given.saga.id,
    actor: `saga:${given.saga.id}`,
    pollSeconds: app.config.digitalOcean.pollIntervalMs / 1_000,
    clock: app.clock,
    digitalOcean: app.digitalOcean.provisioningFor({
      async beforeTry() {
        turn.assertOutside('calls the provider');
        await hold.check();
      },
      beforeSend: hold.assertFresh,
      signal: hold.signal,
    }),
    inputs: { ...given.saga.inputs, ...given.saga.steps[given.row.index]?.inputs },
    context: given.saga.context,
    notes: given.row.notes,
    output: given.row.output,
    write: turn.write,
    saveNotes: turn.saveNotes,
  };
  try {
    const answer = direction === 'execute' ? await step.execute(tools) : await step.compensate?.(tools);
    return { answer: asStored(answer as StepResult<Json> | undefined), ...(await turn.end()) };
  } catch (error) {
    const { saga, row } = await turn.end();
    if (error instanceof LeaseLostError) throw error;
    hold.signal.throwIfAborted();
    if (!(error instanceof DomainError)) app.log.warn({ err: error, sagaId: saga.id, step: step.name }, 'step threw');
    return { answer: failureOf(error), saga, row };
  }
}

/** What a step writes while it runs: its notes one after the other, and nothing once it has answered. */
function createStepWrites(
  app: SagaApp,
  given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step },
) {
  let { saga, row } = given;
  let hasEnded = false;
  let saved: Promise<unknown> = Promise.resolve();
  const openWrites = new Set<Promise<unknown>>();

  function assertOutside(does: string): void {
    // It would wait for the lock that its own transaction holds, for ever.
    if (openWrites.size > 0) throw new Error(`${given.step.name} ${does} within a write`);
  }

  function assertRunning(): void {
    if (hasEnded) throw new Error(`${given.step.name} writes after it has answered`);
  }

  async function note(more: Json): Promise<void> {
    // Before it is known to be safe: where only the answer is lost, the next write must not take the note back.
    row = { ...row, notes: JSON.parse(storableJson({ ...row.notes, ...more })) };
    saga = (await writeSaga(app, saga, { ledger: [row] })) as SagaState;
  }

  return {
    assertOutside,
    async saveNotes(more: Json): Promise<void> {
      assertRunning();
      assertOutside('keeps a note');
      const saving = saved.then(() => note(more));
      saved = saving.catch(() => {}); // the step hears of it
      return saving;
    },
    async write<T>(work: (db: EntityManager) => Promise<T>): Promise<T> {
      assertRunning();
      const writing = app.db.transaction(async (db) => {
        await lockHeldSaga(db, saga, app.config.sagaLeaseSeconds);
        return work(db);
      });
      openWrites.add(writing);
      return writing.finally(() => openWrites.delete(writing));
    },
    /** Waits for what the step did not wait for itself. */
    async end(): Promise<{ readonly saga: SagaState; readonly row: LedgerRow }> {
      hasEnded = true;
      await Promise.allSettled([saved, ...openWrites]);
      return { saga, row };
    },
  };
}

/** The answer as another runner would read it from the ledger. Throws where it cannot be stored. */
function asStored(answer: StepResult<Json> | undefined): StepResult<Json> {
  if (answer === undefined) throw new TypeError('the step answered nothing');
  return answer.is === 'done' ? { is: 'done', output: JSON.parse(storableJson(answer.output)) } : answer;
}

/** What the provider calls passing may pass; what our own rules refuse does not; of anything else nobody knows. */
function failureOf(error: unknown): StepResult<never> {
  const message = errorText(error);
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
