import type { EntityManager } from 'typeorm';
import type { DriftStatus, Spec } from '../../core/drift/drift.js';
import type { ResourceFields } from '../../core/inventory/resource-diff.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { ConflictError, NotFoundError } from '../../errors.js';
import { lockKinds } from '../inventory/observe.js';
import { isUuid } from '../paging/keyset.js';

/** A drift with its resource and what was asked for of it, as they are now. */
export interface LockedDrift extends ResourceFields {
  readonly id: string;
  readonly resourceId: string;
  readonly field: string;
  readonly driftStatus: DriftStatus;
  /** The saga that last set out to put it back. */
  readonly sagaId: string | null;
  readonly spec: Spec;
  readonly kind: ResourceKind;
  readonly providerId: string;
  readonly deploymentId: string | null;
  readonly isGone: boolean;
}

/**
 * Locks a drift for the rest of the caller's transaction. Detection and syncs of its kind wait as long, so that neither
 * the resource nor its spec changes meanwhile. Throws NOT_FOUND.
 */
export async function lockDrift(db: EntityManager, id: string): Promise<LockedDrift> {
  if (!isUuid(id)) throw new NotFoundError('drift', id);
  const [known]: { kind: ResourceKind }[] = await db.query(
    `select resource.kind from cloud_drift drift join cloud_resources resource on resource.id = drift.resource_id
     where drift.id = $1`,
    [id],
  );
  if (!known) throw new NotFoundError('drift', id);
  await lockKinds(db, new Set([known.kind]));
  const [locked]: LockedDrift[] = await db.query(
    `select drift.id, drift.resource_id as "resourceId", drift.field, drift.status as "driftStatus",
       drift.saga_id as "sagaId", provisioned.spec, resource.kind, resource.provider_id as "providerId",
       resource.deployment_id as "deploymentId", resource.deleted_at is not null as "isGone", resource.name,
       resource.status, resource.region, resource.tags, resource.attrs
     from cloud_drift drift join cloud_resources resource on resource.id = drift.resource_id
     join cloud_provisioned provisioned on provisioned.resource_id = drift.resource_id
     where drift.id = $1 for no key update of drift, provisioned`,
    [id],
  );
  if (!locked) throw new NotFoundError('drift', id);
  return locked;
}

/** Throws CONFLICT where the drift is closed, or there is nothing left that it could be of. */
export function assertOpen({ driftStatus, isGone }: LockedDrift): void {
  if (driftStatus !== 'open') throw new ConflictError(`The drift is ${driftStatus} already.`);
  if (isGone) throw new ConflictError('The resource is gone from the provider.');
}
