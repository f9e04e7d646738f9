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

/** The result of a step, and the saga with the notes that the step stored. */
export interface PerformedStep {
  readonly result: StepResult<Json>;
  readonly saga: SagaState;
  readonly row: LedgerRow;
}

/**
 * Calls one step once, forward or backward. An error that it throws becomes a failure. Throws only LeaseLostError and the
 * abort reason of this process.
 */
export async function performStep(
  app: SagaApp,
  given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step; readonly lease: HeldLease },
  direction: Direction,
): Promise<PerformedStep> {
  const { step, lease } = given;
  const writes = createStepWrites(app, given);
  const tools: StoredStepInput = {
    sagaId: given.saga.id,
    actor: `saga:${given.saga.id}`,
    pollSeconds: app.config.digitalOcean.pollIntervalMs / 1_000,
    clock: app.clock,
    digitalOcean: app.digitalOcean.provisioningFor({
      async beforeTry() {
        writes.assertOutside('calls the provider');
        await lease.check();
      },
      beforeSend: lease.assertFresh,
      signal: lease.signal,
    }),
    inputs: { ...given.saga.inputs, ...given.saga.steps[given.row.index]?.inputs },
    context: given.saga.context,
    notes: given.row.notes,
    output: given.row.output,
    write: writes.write,
    saveNotes: writes.saveNotes,
  };
  try {
    const result = direction === 'execute' ? await step.execute(tools) : await step.compensate?.(tools);
    return { result: asStored(result as StepResult<Json> | undefined), ...(await writes.end()) };
  } catch (error) {
    const { saga, row } = await writes.end();
    if (error instanceof LeaseLostError) throw error;
    lease.signal.throwIfAborted();
    if (!(error instanceof DomainError)) app.log.warn({ err: error, sagaId: saga.id, step: step.name }, 'step threw');
    return { result: failureOf(error), saga, row };
  }
}

/** What a step may write while it runs. Its notes are stored one after the other; nothing is written after its result. */
function createStepWrites(
  app: SagaApp,
  given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step },
) {
  let { saga, row } = given;
  let hasEnded = false;
  let saved: Promise<unknown> = Promise.resolve();
  const openWrites = new Set<Promise<unknown>>();

  function assertOutside(action: string): void {
    // It would wait forever for the lock that its own transaction holds.
    if (openWrites.size > 0) throw new Error(`${given.step.name} ${action} within a write`);
  }

  function assertRunning(): void {
    if (hasEnded) throw new Error(`${given.step.name} writes after it returned its result`);
  }

  async function storeNotes(more: Json): Promise<void> {
    // Before the write is confirmed: if only its answer is lost, the next write must not remove the notes.
    row = { ...row, notes: JSON.parse(storableJson({ ...row.notes, ...more })) };
    saga = (await writeSaga(app, saga, { ledger: [row] })) as SagaState;
  }

  return {
    assertOutside,
    async saveNotes(more: Json): Promise<void> {
      assertRunning();
      assertOutside('saves notes');
      const saving = saved.then(() => storeNotes(more));
      saved = saving.catch(() => {}); // the step gets the error from `saving`
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
    /** Waits for writes that the step did not await. */
    async end(): Promise<{ readonly saga: SagaState; readonly row: LedgerRow }> {
      hasEnded = true;
      await Promise.allSettled([saved, ...openWrites]);
      return { saga, row };
    },
  };
}

/** The result as another runner would read it from the ledger. Throws if it cannot be stored. */
function asStored(result: StepResult<Json> | undefined): StepResult<Json> {
  if (result === undefined) throw new TypeError('the step returned no result');
  return result.is === 'done' ? { is: 'done', output: JSON.parse(storableJson(result.output)) } : result;
}

/** Retryable: what the provider marks so, and unknown errors. Permanent: what our own rules reject. */
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
  const isRejected = error instanceof DomainError || error instanceof UnreadableError;
  return { is: 'failed', kind: isRejected ? 'permanent' : 'retryable', message, afterSeconds: null };
}
