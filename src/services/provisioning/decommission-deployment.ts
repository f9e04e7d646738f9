import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import { type DeploymentBelongings, decommissionDeploymentSteps } from '../../core/sagas/sagas.js';
import { ConflictError } from '../../errors.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { claimResource } from '../sagas/owning-saga.js';
import { announceSaga, startSaga } from '../sagas/start-saga.js';
import { checkIdempotencyKey, type RequestSagaApp } from './request-saga.js';

/**
 * Takes a deployment down: a snapshot of each droplet, its name's record, its droplets, its subscription; then CANCELLED
 * and ARCHIVED. Throws CONFLICT where it is archived, or a saga is at work on it. Operators only: the resolver sees to
 * that.
 */
export async function decommissionDeployment(
  app: RequestSagaApp,
  viewer: Viewer,
  id: string,
  idempotencyKey: string | null | undefined,
): Promise<SagaRow> {
  checkIdempotencyKey(idempotencyKey, 'idempotencyKey');
  const started = await app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, id);
    const belongings = await findBelongings(db, id);
    const saga = await startSaga(db, viewer, app.clock(), {
      kind: 'decommission_deployment',
      steps: decommissionDeploymentSteps(belongings),
      inputs: { deploymentId: id },
      idempotencyKey,
      deployment,
    });
    if (!saga.isNew) return saga;
    if (deployment.state === 'archived') throw new ConflictError(`Deployment "${deployment.slug}" is archived.`);
    await rejectOtherSaga(db, id, saga.id);
    for (const { resourceId } of belongings.droplets) await claimResource(db, resourceId, saga.id);
    return saga;
  });
  await announceSaga(app, started);
  return getSaga(app, viewer, started.id);
}

async function rejectOtherSaga(db: EntityManager, deploymentId: string, sagaId: string): Promise<void> {
  const [other]: { id: string; kind: string }[] = await db.query(
    'select id, kind from saga_runs where deployment_id = $1 and finished_at is null and id <> $2 limit 1',
    [deploymentId, sagaId],
  );
  if (other) throw new ConflictError(`A saga is at work on this deployment: ${other.id} (${other.kind}).`);
}

/** Its droplets, and the name that its provisioning gave it, as far as that still points at one of them. */
async function findBelongings(db: EntityManager, deploymentId: string): Promise<DeploymentBelongings> {
  const droplets: { resourceId: string; dropletId: string; addresses: string[] }[] = await db.query(
    `select id as "resourceId", provider_id as "dropletId",
       array(select jsonb_array_elements_text(attrs #> '{addresses,public_v4}')) as addresses
     from cloud_resources where deployment_id = $1 and kind = 'droplet' and deleted_at is null order by provider_id`,
    [deploymentId],
  );
  const names: { domain: string; name: string; ipv4: string | null }[] = await db.query(
    `select inputs #>> '{dns,domain}' as domain, inputs #>> '{dns,name}' as name, context ->> 'ipv4' as ipv4
     from saga_runs where deployment_id = $1 and kind = 'provision_deployment' and status = 'completed'
       and inputs ? 'dns'`,
    [deploymentId],
  );
  const addresses = droplets.flatMap((droplet) => droplet.addresses);
  return {
    droplets: droplets.map(({ resourceId, dropletId }) => ({ resourceId, dropletId })),
    records: names.map(({ ipv4, ...record }) => ({
      ...record,
      type: 'A',
      onlyData: [...new Set([...addresses, ...(ipv4 === null ? [] : [ipv4])])],
    })),
  };
}
