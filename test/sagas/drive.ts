import { stepKey } from '../../src/core/sagas/sagas.js';
import { createDigitalOcean } from '../../src/integrations/digitalocean/client.js';
import { sagaSteps } from '../../src/sagas/all.js';
import { LeaseLostError } from '../../src/services/leases/lease.js';
import { runSaga } from '../../src/services/sagas/run-saga.js';
import type { Json, Step, StepRegistry, StepResult, StoredStepInput } from '../../src/services/sagas/step.js';
import type { TestApp } from '../support/app.js';

/** Turns that any saga here needs at most, patience and retries included. */
const MAX_TURNS = 400;

/**
 * Runs a saga to its end in this process, one runner after the other, without waiting where the saga would: as if the
 * time had passed.
 */
export async function driveSaga(app: TestApp, id: string, registry: StepRegistry = sagaSteps): Promise<void> {
  const digitalOcean = createDigitalOcean({
    baseUrl: app.sandboxUrl,
    tokens: { sync: 't', billing: 't', provisioning: 't' },
    retry: { firstBackoffMs: 1 },
  });
  for (let turns = 0; turns < MAX_TURNS; turns++) {
    await runSaga({ ...app.app, digitalOcean }, registry, id, new AbortController().signal);
    await app.sql('update saga_runs set next_attempt_at = null, lease_owner = null, lease_until = null where id = $1', [
      id,
    ]);
    const saga = await app.row('select finished_at is not null as "isFinished" from saga_runs where id = $1', [id]);
    if (saga.isFinished) return;
  }
  throw new Error(`saga ${id} has not ended after ${MAX_TURNS} turns`);
}

/** The step that is about to answer. */
export interface Turned {
  readonly sagaId: string;
  readonly name: string;
}

type Execute = (given: StoredStepInput, real: Step['execute']) => Promise<StepResult<Json>>;
type Compensate = (given: StoredStepInput, real: NonNullable<Step['compensate']>) => Promise<StepResult<unknown>>;

/** The registry with every step's doing and undoing wrapped: what a saga is made to meet, whichever steps it has. */
export function wrapped(wrap: { readonly execute?: Execute; readonly compensate?: Compensate }): StepRegistry {
  const steps = [...sagaSteps.values()].map((step): Step => {
    const { compensate } = step;
    return {
      ...step,
      execute: (given) => (wrap.execute ? wrap.execute(given, step.execute) : step.execute(given)),
      compensate: compensate && ((given) => (wrap.compensate ? wrap.compensate(given, compensate) : compensate(given))),
    };
  });
  return new Map(steps.map((step) => [stepKey(step), step]));
}

/** Which of a saga's steps is at work: the index that the ledger has as its newest. */
export async function indexAtWork(app: TestApp, sagaId: string): Promise<number> {
  const row = await app.row<{ index: number }>('select current_step_index as index from saga_runs where id = $1', [
    sagaId,
  ]);
  return row.index;
}

/** A runner that dies here: it says nothing more, and writes nothing. */
export function die(): never {
  throw new LeaseLostError('this runner has died');
}
