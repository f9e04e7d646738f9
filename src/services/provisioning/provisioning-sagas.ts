import type { App, Viewer } from '../../context.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { cancelIfUnfinished } from '../sagas/control-saga.js';
import { SagaRow } from '../sagas/list-sagas.js';

const IdRow = rowOf(SagaRun, ['id']);

/** Cancels the saga that provisions the deployment, if it is unfinished: the deployment was cancelled meanwhile. */
export async function cancelProvisioning(
  app: Pick<App, 'db' | 'clock' | 'live' | 'queues'>,
  viewer: Viewer,
  deploymentId: string,
): Promise<void> {
  const sagas = await query(app.db).many(
    IdRow,
    sql`/* find-unfinished-provisioning */ select ${IdRow.columns('saga')} from saga_runs saga
      where saga.deployment_id = ${deploymentId} and saga.kind = 'provision_deployment' and saga.finished_at is null`,
  );
  for (const { id } of sagas) await cancelIfUnfinished(app, viewer, id);
}

/** The newest saga that provisions each deployment. The caller has made sure that the viewer may see the deployments. */
export async function findProvisioningSagas(
  app: Pick<App, 'reads'>,
  deploymentIds: readonly string[],
): Promise<SagaRow[]> {
  return app.reads.many(
    SagaRow,
    sql`/* find-provisioning-sagas */ select distinct on (saga.deployment_id) ${SagaRow.columns('saga')}
      from saga_runs saga
      where saga.deployment_id = any(${deploymentIds}::uuid[]) and saga.kind = 'provision_deployment'
      order by saga.deployment_id, saga.number desc`,
  );
}
