import { z } from 'zod';
import type { App } from '../../context.js';
import type { SagaStepStatus } from '../../core/sagas/sagas.js';
import { rowOf, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import type { SagaStepResult } from '../../entities/saga-step-result.js';

/** A row of the ledger as the runner holds it: instants are texts if the row was read from the database. */
export type LedgerRow = Omit<SagaStepResult, 'sagaId' | 'startedAt' | 'finishedAt'> & {
  readonly startedAt: Date | string;
  readonly finishedAt: Date | string | null;
};

const STATE_COLUMNS = [
  'id',
  'kind',
  'status',
  'steps',
  'inputs',
  'context',
  'currentStepIndex',
  'cancelRequested',
  'cause',
  'error',
  'epoch',
  'leaseOwner',
] as const;

/** A saga as its runner knows it: the row that it read when it took the saga, with its own writes since. */
export interface SagaState extends Pick<SagaRun, (typeof STATE_COLUMNS)[number]> {
  /** By index; a step that was never started has no row. */
  readonly ledger: readonly LedgerRow[];
}

export interface FoundSaga extends SagaState {
  /** Whether a runner holds the saga now. */
  readonly isHeld: boolean;
  /** Milliseconds until a runner may take the saga; 0: now. */
  readonly dueInMs: number;
  /** Changes with every write of the row. */
  readonly revision: string;
}

const SagaColumns = rowOf(SagaRun, STATE_COLUMNS);

const FoundRow = rowWith(SagaColumns, {
  revision: z.string(),
  isHeld: z.boolean(),
  dueInMs: z.number(),
  ledger: z.array(
    z.strictObject({
      index: z.int(),
      name: z.string(),
      version: z.int(),
      status: z.custom<Exclude<SagaStepStatus, 'pending'>>((value) => typeof value === 'string'),
      attempts: z.int(),
      polls: z.int(),
      output: z.record(z.string(), z.unknown()).nullable(),
      notes: z.record(z.string(), z.unknown()),
      message: z.string().nullable(),
      error: z.string().nullable(),
      startedAt: z.string(),
      finishedAt: z.string().nullable(),
    }),
  ),
});

/** The saga with its ledger as they are now; null: there is no such saga. */
export async function findSagaState(app: Pick<App, 'reads'>, id: string): Promise<FoundSaga | null> {
  return app.reads.maybeOne(
    FoundRow,
    sql`/* find-saga-state */ select ${SagaColumns.columns('run')}, run.xmin::text as revision,
      coalesce(run.lease_until > clock_timestamp(), false) as "isHeld",
      greatest(0, coalesce(extract(epoch from run.next_attempt_at - clock_timestamp()) * 1000, 0))::float8 as "dueInMs",
      (select coalesce(json_agg(json_build_object('index', step.index, 'name', step.name, 'version', step.version,
         'status', step.status, 'attempts', step.attempts, 'polls', step.polls, 'output', step.output, 'notes', step.notes,
         'message', step.message, 'error', step.error, 'startedAt', step.started_at, 'finishedAt', step.finished_at)
         order by step.index), '[]') from saga_step_results step where step.saga_id = run.id) as ledger
    from saga_runs run where run.id = ${id}`,
  );
}

export function rowAt(saga: SagaState, index: number): LedgerRow | undefined {
  return saga.ledger.find((row) => row.index === index);
}
