import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import type { CloudProvisioned } from '../../entities/cloud-provisioned.js';
import { lockKinds } from '../inventory/observe.js';

/**
 * The spec that a resource is compared with, by the saga that made it or by an operator (no saga; one that made it before stays
 * named). A spec that differs from the one that is there raises its version; the same again changes nothing.
 */
export async function provision(
  db: EntityManager,
  wanted: {
    readonly resourceId: string;
    readonly spec: Readonly<Record<string, unknown>>;
    readonly sagaId: string | null;
    readonly at: Date;
  },
): Promise<void> {
  await db.query(
    `insert into cloud_provisioned (resource_id, spec, saga_id, created_at, updated_at) values ($1, $2, $3, $4, $4)
     on conflict (resource_id) do update set spec = excluded.spec,
       spec_version = cloud_provisioned.spec_version + (cloud_provisioned.spec <> excluded.spec)::int,
       saga_id = coalesce(excluded.saga_id, cloud_provisioned.saga_id), updated_at = excluded.updated_at
     where (cloud_provisioned.spec, cloud_provisioned.saga_id)
       is distinct from (excluded.spec, coalesce(excluded.saga_id, cloud_provisioned.saga_id))`,
    [wanted.resourceId, JSON.stringify(wanted.spec), wanted.sagaId, wanted.at],
  );
}

/** Nothing is asked for of this resource any more, nor has it ever drifted. */
export async function forgetProvisioned(db: EntityManager, resourceId: string): Promise<void> {
  // First of all, as whoever looks at drift takes it before any row.
  await lockKinds(db, new Set(['droplet']));
  await db.query('delete from cloud_drift where resource_id = $1', [resourceId]);
  await db.query('delete from cloud_provisioned where resource_id = $1', [resourceId]);
}

export type ProvisionedRow = Pick<CloudProvisioned, 'id' | 'resourceId' | 'spec' | 'specVersion' | 'sagaId'>;

/** What was asked for of each resource that we provisioned. Operators only: the resolver sees to that. */
export async function findProvisioned(
  app: Pick<App, 'reads'>,
  resourceIds: readonly string[],
): Promise<ProvisionedRow[]> {
  return app.reads.query<ProvisionedRow>(
    `select id, resource_id as "resourceId", spec, spec_version as "specVersion", saga_id as "sagaId"
     from cloud_provisioned where resource_id = any($1::uuid[])`,
    [resourceIds],
  );
}
