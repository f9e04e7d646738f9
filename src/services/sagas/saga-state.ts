import type { App } from '../../context.js';
import type { SagaRun } from '../../entities/saga-run.js';
import type { SagaStepResult } from '../../entities/saga-step-result.js';

/** A row of the ledger as the runner holds it. */
export type LedgerRow = Omit<SagaStepResult, 'sagaId' | 'startedAt' | 'finishedAt'> & {
  readonly startedAt: Date | string;
  readonly finishedAt: Date | string | null;
};

/** A saga as its runner knows it: what it read when it took it, and what it wrote since. */
export interface SagaState
  extends Pick<
    SagaRun,
    | 'id'
    | 'kind'
    | 'status'
    | 'steps'
    | 'inputs'
    | 'context'
    | 'currentStepIndex'
    | 'cancelRequested'
    | 'cause'
    | 'error'
    | 'epoch'
    | 'leaseOwner'
  > {
  /** By index; a step that was never started has no row. */
  readonly ledger: readonly LedgerRow[];
}

export interface FoundSaga extends SagaState {
  /** Whether a runner holds it now. */
  readonly isHeld: boolean;
  /** Until it may be taken up; 0: now. */
  readonly dueInMs: number;
  /** Another one after every write of its row. */
  readonly revision: string;
}

const FIND = `
  select run.id, run.kind, run.status, run.steps, run.inputs, run.context, run.current_step_index as "currentStepIndex",
    run.cancel_requested as "cancelRequested", run.cause, run.error, run.epoch::text, run.lease_owner as "leaseOwner",
    run.xmin::text as revision,
    coalesce(run.lease_until > clock_timestamp(), false) as "isHeld",
    greatest(0, coalesce(extract(epoch from run.next_attempt_at - clock_timestamp()) * 1000, 0))::float8 as "dueInMs",
    (select coalesce(json_agg(json_build_object('index', step.index, 'name', step.name, 'version', step.version,
       'status', step.status, 'attempts', step.attempts, 'polls', step.polls, 'output', step.output, 'notes', step.notes,
       'message', step.message, 'error', step.error, 'startedAt', step.started_at, 'finishedAt', step.finished_at)
       order by step.index), '[]') from saga_step_results step where step.saga_id = run.id) as ledger
  from saga_runs run where run.id = $1`;

/** The saga with its ledger as they are now; null: there is none. */
export async function findSagaState(app: Pick<App, 'reads'>, id: string): Promise<FoundSaga | null> {
  const [found] = await app.reads.query<FoundSaga>(FIND, [id]);
  return found ?? null;
}

export function rowAt(saga: SagaState, index: number): LedgerRow | undefined {
  return saga.ledger.find((row) => row.index === index);
}
