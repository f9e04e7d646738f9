import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { isRevertible, REVERT_SAGA, revertInput } from '../../core/drift/drift.js';
import { renameDropletSteps, resizeDropletSteps, retagDropletSteps } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { Deployment } from '../../entities/deployment.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError } from '../../errors.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { claimResource } from '../sagas/owning-saga.js';
import { announceSaga, type SagaRequest, type StartedSaga, startSaga } from '../sagas/start-saga.js';
import { type DriftRow, getDrift } from './list-drifts.js';
import { assertOpen, type LockedDrift, lockDrift } from './lock-drift.js';

export interface Reverting {
  readonly drift: DriftRow;
  readonly saga: SagaRow;
}

const STEPS = {
  resize_droplet: resizeDropletSteps,
  rename_droplet: renameDropletSteps,
  retag_droplet: retagDropletSteps,
} as const;

/**
 * Starts the saga that changes the resource back to its spec. The drift becomes REVERTED once the saga completes, and
 * stays open otherwise. A second call while the saga is unfinished answers the same saga. Throws CONFLICT if the drift is
 * not open, the field cannot be reverted, or another saga is changing the resource. Operators only: the resolver sees to
 * that.
 */
export async function revertDrift(
  app: Pick<App, 'db' | 'reads' | 'clock' | 'queues'>,
  viewer: Viewer,
  id: string,
): Promise<Reverting> {
  const started = await app.db.transaction(async (db): Promise<StartedSaga> => {
    const drift = await lockDrift(db, id);
    const underWay = await findUnderWay(db, drift);
    if (underWay) return underWay;
    assertOpen(drift);
    const request = revertRequest(drift, await findDeployment(db, drift));
    const saga = await startSaga(db, viewer, app.clock(), request);
    await claimResource(db, drift.resourceId, saga.id);
    await query(db).execute(sql`/* set-reverting-saga */ update cloud_drift set saga_id = ${saga.id} where id = ${id}`);
    return saga;
  });
  await announceSaga(app, started);
  const [drift, saga] = await Promise.all([getDrift(app, id), getSaga(app, viewer, started.id)]);
  return { drift, saga };
}

const UnfinishedSaga = rowOf(SagaRun, ['id', 'epoch']);

async function findUnderWay(db: EntityManager, { sagaId }: LockedDrift): Promise<StartedSaga | null> {
  if (sagaId === null) return null;
  const saga = await query(db).maybeOne(
    UnfinishedSaga,
    sql`/* find-unfinished-saga */ select ${UnfinishedSaga.columns('saga')} from saga_runs saga
      where saga.id = ${sagaId} and saga.finished_at is null`,
  );
  return saga ? { ...saga, isNew: false } : null;
}

const DeploymentRow = rowOf(Deployment, ['id', 'tenantId']);
type DriftDeployment = RowOf<typeof DeploymentRow> | null;

async function findDeployment(db: EntityManager, { deploymentId }: LockedDrift): Promise<DriftDeployment> {
  if (deploymentId === null) return null;
  return query(db).maybeOne(
    DeploymentRow,
    sql`/* find-drift-deployment */ select ${DeploymentRow.columns('deployment')} from deployments deployment
      where deployment.id = ${deploymentId}`,
  );
}

function revertRequest(
  { id, field, spec, kind, resourceId, providerId }: LockedDrift,
  deployment: DriftDeployment,
): SagaRequest<keyof typeof STEPS> {
  if (kind !== 'droplet' || !isRevertible(field)) {
    throw new ConflictError(
      `"${field}" of a ${kind} cannot be changed after creation. Accept the drift, or create another resource.`,
    );
  }
  const wanted = revertInput(field, spec[field]);
  if (!wanted)
    throw new ConflictError(
      `The spec of "${field}" has no value that the provider could be set to. Record another spec.`,
    );
  const saga = REVERT_SAGA[field];
  const inputs = { driftId: id, resourceId, dropletId: providerId, ...wanted };
  return { kind: saga, steps: STEPS[saga], inputs, resourceId, deployment };
}
