import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudProvisioned } from '../../entities/cloud-provisioned.js';
import { lockKinds } from '../inventory/observe.js';

/**
 * Stores the spec that a resource is compared with: by the saga that created the resource, or by an operator without a
 * saga, which keeps the stored one. A different spec raises its version; the same spec changes nothing.
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
  const { resourceId, spec, sagaId, at } = wanted;
  await query(db).execute(
    sql`/* provision-spec */ insert into cloud_provisioned (resource_id, spec, saga_id, created_at, updated_at)
     values (${resourceId}, ${JSON.stringify(spec)}, ${sagaId}, ${at}, ${at})
     on conflict (resource_id) do update set spec = excluded.spec,
       spec_version = cloud_provisioned.spec_version + (cloud_provisioned.spec <> excluded.spec)::int,
       saga_id = coalesce(excluded.saga_id, cloud_provisioned.saga_id), updated_at = excluded.updated_at
     where (cloud_provisioned.spec, cloud_provisioned.saga_id)
       is distinct from (excluded.spec, coalesce(excluded.saga_id, cloud_provisioned.saga_id))`,
  );
}

/** Deletes the resource's spec and its drifts: it is under drift control no more. */
export async function forgetProvisioned(db: EntityManager, resourceId: string): Promise<void> {
  // Before any row, as detection takes the lock of the kind first.
  await lockKinds(db, new Set(['droplet']));
  await query(db).execute(sql`/* delete-drifts */ delete from cloud_drift where resource_id = ${resourceId}`);
  await query(db).execute(
    sql`/* delete-provisioned */ delete from cloud_provisioned where resource_id = ${resourceId}`,
  );
}

export const ProvisionedRow = rowOf(CloudProvisioned, ['id', 'resourceId', 'spec', 'specVersion', 'sagaId']);
export type ProvisionedRow = RowOf<typeof ProvisionedRow>;

/** The spec of each resource under drift control. Operators only: the resolver sees to that. */
export async function findProvisioned(
  app: Pick<App, 'reads'>,
  resourceIds: readonly string[],
): Promise<ProvisionedRow[]> {
  return app.reads.many(
    ProvisionedRow,
    sql`/* find-provisioned */ select ${ProvisionedRow.columns('provisioned')} from cloud_provisioned provisioned
      where provisioned.resource_id = any(${resourceIds}::uuid[])`,
  );
}
