import type { App, Viewer } from '../../context.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { SagaKind, SagaStatus, SagaStepRef, SagaStepStatus } from '../../core/sagas/sagas.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { allOf, type Sql, sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { SagaStepResult } from '../../entities/saga-step-result.js';
import { BadUserInputError, NotFoundError } from '../../errors.js';
import { isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

/** A saga as the API shows it. */
export const SagaRow = rowOf(SagaRun, [
  'id',
  'number',
  'kind',
  'status',
  'steps',
  'currentStepIndex',
  'inputs',
  'context',
  'cancelRequested',
  'error',
  'tenantId',
  'deploymentId',
  'startedBy',
  'createdAt',
  'finishedAt',
]);
export type SagaRow = RowOf<typeof SagaRow>;

export interface SagaFilter {
  readonly kinds?: readonly SagaKind[] | null | undefined;
  readonly statuses?: readonly SagaStatus[] | null | undefined;
  readonly deploymentId?: string | null | undefined;
}

const sagaList = sortedList({
  name: 'list-sagas',
  row: SagaRow,
  select: SagaRow.columns('saga'),
  from: sql`saga_runs saga`,
  keys: [{ column: 'saga.number', type: 'bigint' }],
  direction: 'desc',
});

/**
 * Sagas that the viewer may see, newest first: an operator sees all, a tenant those of its own deployments. Throws
 * BAD_USER_INPUT for a bad filter.
 */
export function listSagas(app: Pick<App, 'reads'>, viewer: Viewer, filter: SagaFilter): PagedList<SagaRow> {
  return sagaList(app.reads, [...visibleTo(viewer), ...conditionsOf(filter)]);
}

/** The sagas among the ids that the viewer may see, in any order. */
export async function findSagas(app: Pick<App, 'reads'>, viewer: Viewer, ids: readonly string[]): Promise<SagaRow[]> {
  const conditions = [sql`saga.id = any(${ids.filter(isUuid)}::uuid[])`, ...visibleTo(viewer)];
  return app.reads.many(
    SagaRow,
    sql`/* find-sagas */ select ${SagaRow.columns('saga')} from saga_runs saga where ${allOf(conditions)}`,
  );
}

/** Throws NOT_FOUND if there is no such saga that the viewer may see. */
export async function getSaga(app: Pick<App, 'reads'>, viewer: Viewer, id: string): Promise<SagaRow> {
  const [found] = await findSagas(app, viewer, [id]);
  if (!found) throw new NotFoundError('saga', id);
  return found;
}

const LedgerStepRow = rowOf(SagaStepResult, [
  'sagaId',
  'index',
  'name',
  'status',
  'attempts',
  'output',
  'error',
  'startedAt',
  'finishedAt',
]);

/** One step as the API shows it; steps that have not started yet have no times. */
export interface SagaStepRow extends Omit<RowOf<typeof LedgerStepRow>, 'sagaId' | 'status' | 'startedAt'> {
  readonly status: SagaStepStatus;
  readonly startedAt: Date | null;
}

export interface SagaStepList {
  readonly sagaId: string;
  /** In order. */
  readonly steps: readonly SagaStepRow[];
}

/** The started steps of each saga. The caller has made sure that the viewer may see the sagas. */
export async function findStepLists(app: Pick<App, 'reads'>, sagaIds: readonly string[]): Promise<SagaStepList[]> {
  const rows = await app.reads.many(
    LedgerStepRow,
    sql`/* find-saga-steps */ select ${LedgerStepRow.columns('step')} from saga_step_results step
      where step.saga_id = any(${sagaIds}::uuid[]) order by step.saga_id, step.index`,
  );
  return [...groupBy(rows, (row) => row.sagaId)].map(([sagaId, steps]) => ({ sagaId, steps }));
}

/** The whole list of a saga: the started steps, then those that have not started yet. */
export function wholeStepList(steps: readonly SagaStepRef[], started: readonly SagaStepRow[]): SagaStepRow[] {
  const byIndex = new Map(started.map((row) => [row.index, row]));
  return steps.map(
    ({ name }, index) =>
      byIndex.get(index) ?? {
        index,
        name,
        status: 'pending',
        attempts: 0,
        output: null,
        error: null,
        startedAt: null,
        finishedAt: null,
      },
  );
}

function visibleTo(viewer: Viewer): Sql[] {
  return viewer.isOperator ? [] : [sql`saga.tenant_id = ${viewer.tenantId}`];
}

function conditionsOf({ kinds, statuses, deploymentId }: SagaFilter): Sql[] {
  const conditions: Sql[] = [];
  if (kinds) conditions.push(sql`saga.kind = any(${kinds}::text[])`);
  if (statuses) conditions.push(sql`saga.status = any(${statuses}::text[])`);
  if (deploymentId !== null && deploymentId !== undefined) {
    if (!isUuid(deploymentId)) throw BadUserInputError.at('filter.deploymentId', 'is not an id');
    conditions.push(sql`saga.deployment_id = ${deploymentId}::uuid`);
  }
  return conditions;
}
