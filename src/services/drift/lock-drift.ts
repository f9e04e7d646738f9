import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { DRIFT_STATUSES } from '../../core/drift/drift.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudDrift } from '../../entities/cloud-drift.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { lockKinds } from '../inventory/observe.js';
import { isUuid } from '../paging/keyset.js';

const KindRow = rowOf(CloudResource, ['kind']);
const DriftColumns = rowOf(CloudDrift, ['id', 'resourceId', 'field', 'sagaId']);
const ResourceColumns = rowOf(CloudResource, [
  'kind',
  'providerId',
  'deploymentId',
  'name',
  'status',
  'region',
  'tags',
  'attrs',
]);

/** A drift with its resource and its spec as they are now. `sagaId` is the last saga that was started to revert it. */
const LockedDrift = rowWith(ResourceColumns, {
  id: z.string(),
  resourceId: z.string(),
  field: z.string(),
  sagaId: z.string().nullable(),
  driftStatus: z.enum(DRIFT_STATUSES),
  spec: z.record(z.string(), z.unknown()),
  isGone: z.boolean(),
});
export type LockedDrift = RowOf<typeof LockedDrift>;

/**
 * Locks a drift for the rest of the caller's transaction. Detection and syncs of its kind wait, so that neither the
 * resource nor its spec changes meanwhile. Throws NOT_FOUND.
 */
export async function lockDrift(db: EntityManager, id: string): Promise<LockedDrift> {
  if (!isUuid(id)) throw new NotFoundError('drift', id);
  const known = await query(db).maybeOne(
    KindRow,
    sql`/* find-drift-kind */ select ${KindRow.columns('resource')}
      from cloud_drift drift join cloud_resources resource on resource.id = drift.resource_id where drift.id = ${id}`,
  );
  if (!known) throw new NotFoundError('drift', id);
  await lockKinds(db, new Set([known.kind]));
  const locked = await query(db).maybeOne(
    LockedDrift,
    sql`/* lock-drift */ select ${DriftColumns.columns('drift')}, drift.status as "driftStatus", provisioned.spec,
       ${ResourceColumns.columns('resource')}, resource.deleted_at is not null as "isGone"
     from cloud_drift drift join cloud_resources resource on resource.id = drift.resource_id
     join cloud_provisioned provisioned on provisioned.resource_id = drift.resource_id
     where drift.id = ${id} for no key update of drift, provisioned`,
  );
  if (!locked) throw new NotFoundError('drift', id);
  return locked;
}

/** Throws CONFLICT if the drift is closed or its resource is gone. */
export function assertOpen({ driftStatus, isGone }: LockedDrift): void {
  if (driftStatus !== 'open') throw new ConflictError(`The drift is ${driftStatus} already.`);
  if (isGone) throw new ConflictError('The resource is gone from the provider.');
}
