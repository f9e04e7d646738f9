import type { EntityManager } from 'typeorm';
import { DEPLOYMENT_SAGA_KINDS } from '../../core/sagas/sagas.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { SagaRun } from '../../entities/saga-run.js';
import { ConflictError } from '../../errors.js';

const deploymentKinds = rawSql(DEPLOYMENT_SAGA_KINDS.map((kind) => `'${kind}'`).join(', '));

/**
 * Whether the saga `run` is changing the resource `resource`: the saga was started for it, has created it, or changes all
 * resources of its deployment.
 */
export const OWNS_RESOURCE = sql`(run.finished_at is null and (run.resource_id = resource.id
  or run.context ->> 'resourceId' = resource.id::text
  or (run.deployment_id = resource.deployment_id and run.kind in (${deploymentKinds}))))`;

const OwnerRow = rowOf(SagaRun, ['id', 'kind']);

/**
 * Locks the resource for a saga that was just stored, so that two are never started for it at once; with null for a
 * change without a saga. Throws CONFLICT if another saga is changing the resource.
 */
export async function claimResource(db: EntityManager, resourceId: string, sagaId: string | null): Promise<void> {
  await query(db).execute(
    sql`/* lock-resource */ select from cloud_resources where id = ${resourceId} for no key update`,
  );
  const owner = await query(db).maybeOne(
    OwnerRow,
    sql`/* find-owning-saga */ select ${OwnerRow.columns('run')}
      from cloud_resources resource join saga_runs run on ${OWNS_RESOURCE}
      where resource.id = ${resourceId} and run.id is distinct from ${sagaId}::uuid limit 1`,
  );
  if (owner) throw new ConflictError(`A saga is at work on this resource: ${owner.id} (${owner.kind}).`);
}
