import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { Viewer } from '../../context.js';
import { type DeploymentBelongings, decommissionDeploymentSteps } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError } from '../../errors.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { getSaga, type SagaRow } from '../sagas/list-sagas.js';
import { claimResource } from '../sagas/owning-saga.js';
import { announceSaga, startSaga } from '../sagas/start-saga.js';
import { checkIdempotencyKey, type RequestSagaApp } from './request-saga.js';

/**
 * Takes a snapshot of each droplet, deletes the DNS records and the droplets, and ends the subscription; the deployment
 * becomes CANCELLED, then ARCHIVED. Throws CONFLICT if it is archived or a saga is changing it. Operators only: the
 * resolver sees to that.
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

const OtherSaga = rowOf(SagaRun, ['id', 'kind']);

async function rejectOtherSaga(db: EntityManager, deploymentId: string, sagaId: string): Promise<void> {
  const other = await query(db).maybeOne(
    OtherSaga,
    sql`/* find-saga-of-deployment */ select ${OtherSaga.columns('saga')} from saga_runs saga
      where saga.deployment_id = ${deploymentId} and saga.finished_at is null and saga.id <> ${sagaId} limit 1`,
  );
  if (other) throw new ConflictError(`A saga is at work on this deployment: ${other.id} (${other.kind}).`);
}

const DropletRow = rowShape({ resourceId: z.string(), dropletId: z.string(), addresses: z.array(z.string()) });
const NameRow = rowShape({ domain: z.string(), name: z.string(), ipv4: z.string().nullable() });

/** The deployment's droplets, and its DNS names with the addresses that they may point at. */
async function findBelongings(db: EntityManager, deploymentId: string): Promise<DeploymentBelongings> {
  const droplets = await query(db).many(
    DropletRow,
    sql`/* find-deployment-droplets */ select id as "resourceId", provider_id as "dropletId",
       array(select jsonb_array_elements_text(attrs #> '{addresses,public_v4}')) as addresses
     from cloud_resources where deployment_id = ${deploymentId} and kind = 'droplet' and deleted_at is null
     order by provider_id`,
  );
  const names = await query(db).many(
    NameRow,
    sql`/* find-deployment-names */ select inputs #>> '{dns,domain}' as domain, inputs #>> '{dns,name}' as name, context ->> 'ipv4' as ipv4
     from saga_runs where deployment_id = ${deploymentId} and kind = 'provision_deployment'
       and status = 'completed' and inputs ? 'dns'`,
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
