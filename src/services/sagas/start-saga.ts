import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { SagaStepRef } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError } from '../../errors.js';
import { queueSaga } from './queue-saga.js';

export interface SagaRequest<Kind extends string> {
  readonly kind: Kind;
  readonly steps: readonly SagaStepRef[];
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly idempotencyKey?: string | null | undefined;
  /** The deployment that the saga is for; its tenant may see the saga. */
  readonly deployment?: { readonly id: string; readonly tenantId: string } | null;
  /** The resource that the saga changes. */
  readonly resourceId?: string | null;
}

export interface StartedSaga {
  readonly id: string;
  /** For `announceSaga`. */
  readonly epoch: string;
  /** False: an earlier request with the same key started it. */
  readonly isNew: boolean;
}

const IdRow = rowOf(SagaRun, ['id']);
const KnownRow = rowOf(SagaRun, ['id', 'epoch', 'inputs']);

/** Names at the provider hold the first eight characters of a saga's id, which are unique in the table. */
const ID_TRIES = 5;

/**
 * Stores a saga in the caller's transaction; call `announceSaga` after the commit. A key that the caller's tenant used
 * before for this kind answers the earlier saga. Throws CONFLICT if that saga has other inputs.
 */
export async function startSaga<Kind extends string>(
  db: EntityManager,
  viewer: Pick<Viewer, 'subject' | 'tenantId'>,
  at: Date,
  request: SagaRequest<Kind>,
): Promise<StartedSaga> {
  for (let tries = 0; tries < ID_TRIES; tries++) {
    const id = await insertSaga(db, viewer, at, request);
    if (id !== null) return { id, epoch: '0', isNew: true };
    const known = await findByKey(db, viewer, request);
    if (known) return known;
  }
  throw new Error(`no id for a saga of kind ${request.kind} was free`);
}

/** Queues the saga, after the commit. If this is lost, the recovery sweep queues the saga. */
export async function announceSaga(app: Pick<App, 'queues'>, saga: StartedSaga): Promise<void> {
  if (saga.isNew) await queueSaga(app, saga, 'start');
}

async function insertSaga(
  db: EntityManager,
  viewer: Pick<Viewer, 'subject' | 'tenantId'>,
  at: Date,
  { kind, steps, inputs, idempotencyKey, deployment, resourceId }: SagaRequest<string>,
): Promise<string | null> {
  const inserted = await query(db).maybeOne(
    IdRow,
    sql`/* insert-saga */ insert into saga_runs (id, kind, status, steps, inputs, tenant_id, deployment_id, resource_id,
        idempotency_key, started_by, starter_tenant_id, created_at)
      values (${randomUUID()}, ${kind}, 'pending', ${JSON.stringify(steps)}, ${JSON.stringify(inputs)},
        ${deployment?.tenantId ?? null}, ${deployment?.id ?? null}, ${resourceId ?? null}, ${idempotencyKey ?? null},
        ${viewer.subject}, ${viewer.tenantId}, ${at})
      on conflict do nothing returning id`,
  );
  return inserted?.id ?? null;
}

async function findByKey(
  db: EntityManager,
  viewer: Pick<Viewer, 'tenantId'>,
  { kind, inputs, idempotencyKey }: SagaRequest<string>,
): Promise<StartedSaga | null> {
  if (!idempotencyKey) return null;
  const known = await query(db).maybeOne(
    KnownRow,
    sql`/* find-saga-by-key */ select ${KnownRow.columns('saga')} from saga_runs saga
      where saga.starter_tenant_id = ${viewer.tenantId} and saga.kind = ${kind}
        and saga.idempotency_key = ${idempotencyKey}`,
  );
  if (!known) return null;
  if (!isDeepStrictEqual(known.inputs, JSON.parse(JSON.stringify(inputs)))) {
    throw new ConflictError(
      `The idempotency key "${idempotencyKey}" was used for a saga with other inputs: ${known.id}.`,
    );
  }
  return { id: known.id, epoch: known.epoch, isNew: false };
}
