import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { isRevertible, REVERT_SAGA, revertInput } from '../../core/drift/drift.js';
import { renameDropletSteps, resizeDropletSteps, retagDropletSteps } from '../../core/sagas/sagas.js';
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
 * Starts the saga that puts back what was asked for; the drift is REVERTED once it completes, and stays open where it
 * does not. Asked again while that saga is under way it answers the same one. Throws CONFLICT where the drift is not
 * open, the field cannot be put back, or another saga is changing the resource. Operators only: the resolver sees to
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
    await db.query('update cloud_drift set saga_id = $2 where id = $1', [id, saga.id]);
    return saga;
  });
  await announceSaga(app, started);
  const [drift, saga] = await Promise.all([getDrift(app, id), getSaga(app, viewer, started.id)]);
  return { drift, saga };
}

async function findUnderWay(db: EntityManager, { sagaId }: LockedDrift): Promise<StartedSaga | null> {
  const [saga]: { id: string; epoch: string }[] = await db.query(
    'select id, epoch::text from saga_runs where id = $1 and finished_at is null',
    [sagaId],
  );
  return saga ? { ...saga, isNew: false } : null;
}

type OfDeployment = { readonly id: string; readonly tenantId: string } | null;

async function findDeployment(db: EntityManager, { deploymentId }: LockedDrift): Promise<OfDeployment> {
  const [deployment]: { id: string; tenantId: string }[] = await db.query(
    'select id, tenant_id as "tenantId" from deployments where id = $1',
    [deploymentId],
  );
  return deployment ?? null;
}

function revertRequest(
  { id, field, spec, kind, resourceId, providerId }: LockedDrift,
  deployment: OfDeployment,
): SagaRequest<keyof typeof STEPS> {
  if (kind !== 'droplet' || !isRevertible(field)) {
    throw new ConflictError(
      `"${field}" of a ${kind} cannot be put back: it keeps what it was made with. Accept the drift, or make another one.`,
    );
  }
  const wanted = revertInput(field, spec[field]);
  if (!wanted) throw new ConflictError(`What was asked for of "${field}" is nothing that could be put back.`);
  const saga = REVERT_SAGA[field];
  const inputs = { driftId: id, resourceId, dropletId: providerId, ...wanted };
  return { kind: saga, steps: STEPS[saga], inputs, resourceId, deployment };
}
