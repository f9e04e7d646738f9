import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { errorText } from '../../core/redact.js';
import { storableJson } from '../../core/storable-text.js';
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
  const turn = takeNotes(app, given);
  const tools: StoredGiven = {
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
    kept: given.row.kept,
    output: given.row.output,
    write: turn.write,
    keep: turn.keep,
  };
  try {
    const answer = direction === 'execute' ? await step.execute(tools) : await step.compensate?.(tools);
    return { answer: asStored(answer as StepAnswer<Json> | undefined), ...(await turn.end()) };
  } catch (error) {
    const { saga, row } = await turn.end();
    if (error instanceof LeaseLostError) throw error;
    hold.signal.throwIfAborted();
    if (!(error instanceof DomainError)) app.log.warn({ err: error, sagaId: saga.id, step: step.name }, 'step threw');
    return { answer: failureOf(error), saga, row };
  }
}

/** What a step writes while it runs: its notes one after the other, and nothing once it has answered. */
function takeNotes(app: SagaApp, given: { readonly saga: SagaState; readonly row: LedgerRow; readonly step: Step }) {
  let { saga, row } = given;
  let hasEnded = false;
  let noted: Promise<unknown> = Promise.resolve();
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
    row = { ...row, kept: JSON.parse(storableJson({ ...row.kept, ...more })) };
    saga = (await writeSaga(app, saga, { ledger: [row] })) as SagaState;
  }

  return {
    assertOutside,
    async keep(more: Json): Promise<void> {
      assertRunning();
      assertOutside('keeps a note');
      const noting = noted.then(() => note(more));
      noted = noting.catch(() => {}); // the step hears of it
      return noting;
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
      await Promise.allSettled([noted, ...openWrites]);
      return { saga, row };
    },
  };
}

/** The answer as another runner would read it from the ledger. Throws where it cannot be stored. */
function asStored(answer: StepAnswer<Json> | undefined): StepAnswer<Json> {
  if (answer === undefined) throw new TypeError('the step answered nothing');
  return answer.is === 'done' ? { is: 'done', output: JSON.parse(storableJson(answer.output)) } : answer;
}

/** What the provider calls passing may pass; what our own rules refuse does not; of anything else nobody knows. */
function failureOf(error: unknown): StepAnswer<never> {
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
