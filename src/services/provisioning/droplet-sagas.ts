import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { type DropletSpec, dropletSpecProblems } from '../../core/provisioning/droplet-spec.js';
import { destroyDropletSteps, provisionDropletSteps, snapshotDropletSteps } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { findDeployments } from '../deployments/list-deployments.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { findResource } from '../inventory/list-resources.js';
import { isUuid } from '../paging/keyset.js';
import type { SagaRow } from '../sagas/list-sagas.js';
import { claimResource } from '../sagas/owning-saga.js';
import { rejectProblems } from '../validation/problems.js';
import { rejectForeignImage } from './provider-names.js';
import { checkIdempotencyKey, type RequestSagaApp, requestSaga } from './request-saga.js';

export interface ProvisionDroplet extends DropletSpec {
  readonly deploymentId?: string | null | undefined;
  readonly idempotencyKey?: string | null | undefined;
}

/** Creates a droplet, for a deployment if the input names one. Operators only: the resolver sees to that. */
export async function provisionDroplet(
  app: RequestSagaApp & Pick<App, 'config'>,
  viewer: Viewer,
  input: ProvisionDroplet,
): Promise<SagaRow> {
  const { deploymentId = null, idempotencyKey, ...spec } = input;
  checkIdempotencyKey(idempotencyKey, 'input.idempotencyKey');
  rejectProblems(dropletSpecProblems(spec));
  const [deployment] = deploymentId === null ? [] : await findDeployments(app, viewer, [deploymentId].filter(isUuid));
  if (deploymentId !== null && !deployment) throw new NotFoundError('deployment', deploymentId);
  const inputs = { ...spec, ...(deployment ? { deploymentId: deployment.id } : {}) };
  const steps = provisionDropletSteps(deployment !== undefined);
  const request = { kind: 'provision_droplet', steps, inputs, idempotencyKey, deployment: deployment ?? null } as const;
  return requestSaga(app, viewer, request, async (db) => {
    if (!deployment) return;
    await rejectDeployedResource(db, viewer, deployment.id);
    await rejectForeignImage(app, db, viewer, deployment.tenantId, spec.image, 'input.image');
  });
}

/** Destroys a droplet for good. Operators only: the resolver sees to that. */
export async function destroyDroplet(
  app: RequestSagaApp,
  viewer: Viewer,
  resourceId: string,
  idempotencyKey: string | null | undefined,
): Promise<SagaRow> {
  const droplet = await findDroplet(app, viewer, resourceId);
  return requestForDroplet(
    app,
    viewer,
    { kind: 'destroy_droplet', steps: destroyDropletSteps, idempotencyKey },
    droplet,
  );
}

/** Takes a snapshot of a droplet. Operators only: the resolver sees to that. */
export async function snapshotDroplet(
  app: RequestSagaApp,
  viewer: Viewer,
  resourceId: string,
  idempotencyKey: string | null | undefined,
): Promise<SagaRow> {
  const droplet = await findDroplet(app, viewer, resourceId);
  const request = { kind: 'snapshot_droplet', steps: snapshotDropletSteps, idempotencyKey } as const;
  return requestForDroplet(app, viewer, request, droplet);
}

interface KnownDroplet {
  readonly resourceId: string;
  readonly dropletId: string;
  readonly deployment: { readonly id: string; readonly tenantId: string } | null;
}

const DeletedRow = rowOf(CloudResource, ['id']);

async function requestForDroplet(
  app: RequestSagaApp,
  viewer: Viewer,
  request: Pick<Parameters<typeof requestSaga>[2], 'kind' | 'steps' | 'idempotencyKey'>,
  { resourceId, dropletId, deployment }: KnownDroplet,
): Promise<SagaRow> {
  checkIdempotencyKey(request.idempotencyKey, 'idempotencyKey');
  const whole = { ...request, inputs: { resourceId, dropletId }, resourceId, deployment };
  return requestSaga(app, viewer, whole, async (db, sagaId) => {
    await claimResource(db, resourceId, sagaId);
    const droplet = await query(db).maybeOne(
      DeletedRow,
      sql`/* find-deleted-droplet */ select ${DeletedRow.columns('resource')} from cloud_resources resource
        where resource.id = ${resourceId} and resource.deleted_at is not null`,
    );
    if (droplet) throw new ConflictError('The droplet is gone from the provider already.');
  });
}

/** Finds tombstones too: a repeated idempotency key answers the earlier saga even if the droplet is gone. */
async function findDroplet(app: RequestSagaApp, viewer: Viewer, resourceId: string): Promise<KnownDroplet> {
  const resource = await findResource(app, viewer, resourceId);
  if (!resource) throw new NotFoundError('resource', resourceId);
  if (resource.kind !== 'droplet') throw BadUserInputError.at('resourceId', `is a ${resource.kind}, not a droplet`);
  const [deployment] = resource.deploymentId ? await findDeployments(app, viewer, [resource.deploymentId]) : [];
  return { resourceId, dropletId: resource.providerId as string, deployment: deployment ?? null };
}

async function rejectDeployedResource(db: EntityManager, viewer: Viewer, deploymentId: string): Promise<void> {
  const { slug, state } = await lockDeployment(db, viewer, deploymentId);
  if (state === 'cancelled' || state === 'archived') throw new ConflictError(`Deployment "${slug}" is ${state}.`);
}
