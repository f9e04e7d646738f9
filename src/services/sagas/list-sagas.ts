import type { App, Viewer } from '../../context.js';
import type { SagaKind, SagaStatus, SagaStepRef, SagaStepStatus } from '../../core/sagas/sagas.js';
import { Parameters, type Reads } from '../../database/reads.js';
import type { SagaRun } from '../../entities/saga-run.js';
import { BadUserInputError, NotFoundError } from '../../errors.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

/** A saga as the API shows it. */
export type SagaRow = Pick<
  SagaRun,
  | 'id'
  | 'number'
  | 'kind'
  | 'status'
  | 'steps'
  | 'currentStepIndex'
  | 'inputs'
  | 'context'
  | 'cancelRequested'
  | 'error'
  | 'tenantId'
  | 'deploymentId'
  | 'startedBy'
  | 'createdAt'
  | 'finishedAt'
>;

export interface SagaFilter {
  readonly kinds?: readonly SagaKind[] | null | undefined;
  readonly statuses?: readonly SagaStatus[] | null | undefined;
  readonly deploymentId?: string | null | undefined;
}

const SELECT = `saga.id, saga.number::text, saga.kind, saga.status, saga.steps, saga.current_step_index as "currentStepIndex",
  saga.inputs, saga.context, saga.cancel_requested as "cancelRequested", saga.error, saga.tenant_id as "tenantId",
  saga.deployment_id as "deploymentId", saga.started_by as "startedBy", saga.created_at as "createdAt",
  saga.finished_at as "finishedAt"`;

/** Sagas that the viewer may see, newest first: operators all, a tenant those of its own deployments. */
export async function listSagas(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: SagaFilter,
  request: PageRequest,
): Promise<Page<SagaRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isBigint]);
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  if (after) conditions.push(`saga.number < ${parameters.add(after[0])}::bigint`);
  const rows = await app.reads.query<SagaRow>(
    `select ${SELECT} from saga_runs saga where ${conditions.join(' and ') || 'true'}
     order by saga.number desc limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage(request, rows, (row) => encodeCursor([row.number]));
}

export async function countSagas(app: Pick<App, 'reads'>, viewer: Viewer, filter: SagaFilter): Promise<number> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from saga_runs saga where ${conditions.join(' and ') || 'true'}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** Those of the ids that the viewer may see, in any order. */
export async function findSagas(
  app: { readonly reads: Pick<Reads, 'query'> },
  viewer: Viewer,
  ids: readonly string[],
): Promise<SagaRow[]> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, {}, parameters);
  conditions.push(`saga.id = any(${parameters.add(ids.filter(isUuid))}::uuid[])`);
  return app.reads.query<SagaRow>(
    `select ${SELECT} from saga_runs saga where ${conditions.join(' and ')}`,
    parameters.values,
  );
}

/** Throws NOT_FOUND where there is none that the viewer may see. */
export async function getSaga(app: Pick<App, 'reads'>, viewer: Viewer, id: string): Promise<SagaRow> {
  const [found] = await findSagas(app, viewer, [id]);
  if (!found) throw new NotFoundError('saga', id);
  return found;
}

/** The sagas that provision the deployments, each deployment's newest. The caller has made sure that the viewer may see them. */
export async function findProvisioningSagas(
  app: Pick<App, 'reads'>,
  deploymentIds: readonly string[],
): Promise<(SagaRow & { deploymentId: string })[]> {
  return app.reads.query(
    `select distinct on (saga.deployment_id) ${SELECT} from saga_runs saga
     where saga.deployment_id = any($1::uuid[]) and saga.kind = 'provision_deployment'
     order by saga.deployment_id, saga.number desc`,
    [deploymentIds],
  );
}

/** One step as the API shows it; those still to come too. */
export interface SagaStepRow {
  readonly index: number;
  readonly name: string;
  readonly status: SagaStepStatus;
  readonly attempts: number;
  readonly output: Record<string, unknown> | null;
  readonly error: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}

/** The steps of each saga that were started, as the ledger has them. */
export async function findStepLists(
  app: Pick<App, 'reads'>,
  sagaIds: readonly string[],
): Promise<{ sagaId: string; steps: SagaStepRow[] }[]> {
  const rows = await app.reads.query<SagaStepRow & { sagaId: string }>(
    `select saga_id as "sagaId", index, name, status, attempts, output, error, started_at as "startedAt",
       finished_at as "finishedAt"
     from saga_step_results where saga_id = any($1::uuid[]) order by saga_id, index`,
    [sagaIds],
  );
  const lists = new Map<string, SagaStepRow[]>();
  for (const row of rows) lists.set(row.sagaId, [...(lists.get(row.sagaId) ?? []), row]);
  return [...lists].map(([sagaId, steps]) => ({ sagaId, steps }));
}

/** The whole list of a saga: what the ledger has, and what is still to come. */
export function wholeStepList(steps: readonly SagaStepRef[], started: readonly SagaStepRow[]): SagaStepRow[] {
  return steps.map(
    ({ name }, index) =>
      started.find((row) => row.index === index) ?? {
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

function conditionsOf(viewer: Viewer, filter: SagaFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  if (!viewer.isOperator) conditions.push(`saga.tenant_id = ${parameters.add(viewer.tenantId)}`);
  if (filter.kinds) conditions.push(`saga.kind = any(${parameters.add(filter.kinds)}::text[])`);
  if (filter.statuses) conditions.push(`saga.status = any(${parameters.add(filter.statuses)}::text[])`);
  if (filter.deploymentId !== null && filter.deploymentId !== undefined) {
    if (!isUuid(filter.deploymentId)) throw BadUserInputError.at('filter.deploymentId', 'is not an id');
    conditions.push(`saga.deployment_id = ${parameters.add(filter.deploymentId)}::uuid`);
  }
  return conditions;
}
