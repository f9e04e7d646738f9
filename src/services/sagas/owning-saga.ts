import type { EntityManager } from 'typeorm';
import { ConflictError } from '../../errors.js';

/**
 * Whether the saga `run` is changing the resource `resource`: the one it was started for, the one that it made, or one
 * of the deployment that it provisions or takes down.
 */
export const OWNS_RESOURCE = `(run.finished_at is null and (run.resource_id = resource.id
  or run.context ->> 'resourceId' = resource.id::text
  or (run.deployment_id = resource.deployment_id and run.kind in ('provision_deployment', 'decommission_deployment'))))`;

/**
 * Locks the resource for a saga that was just stored, so that two are never started for it at once, or with null for a
 * change that needs none. Throws CONFLICT where another is at work on it.
 */
export async function claimResource(db: EntityManager, resourceId: string, sagaId: string | null): Promise<void> {
  await db.query('select from cloud_resources where id = $1 for no key update', [resourceId]);
  const [owner]: { id: string; kind: string }[] = await db.query(
    `select run.id, run.kind from cloud_resources resource join saga_runs run on ${OWNS_RESOURCE}
     where resource.id = $1 and run.id is distinct from $2::uuid limit 1`,
    [resourceId, sagaId],
  );
  if (owner) throw new ConflictError(`A saga is at work on this resource: ${owner.id} (${owner.kind}).`);
}

/** A record by what names it. */
export interface RecordKey {
  readonly domain: string;
  readonly type: string;
  readonly name: string;
}

/** The same for a record of a zone: by domain, type and name. */
export async function claimRecord(db: EntityManager, { domain, type, name }: RecordKey, sagaId: string): Promise<void> {
  await db.query(`select pg_advisory_xact_lock(hashtext('dns_records'), hashtext($1))`, [`${domain} ${type} ${name}`]);
  const [owner]: { id: string; kind: string }[] = await db.query(
    `select run.id, run.kind from saga_runs run
     where run.finished_at is null and run.id <> $4 and (
       run.inputs @> jsonb_build_object('domain', $1::text, 'type', $2::text, 'name', $3::text)
       or ($2 = 'A' and run.inputs @> jsonb_build_object('dns', jsonb_build_object('domain', $1, 'name', $3)))
       or run.steps @> jsonb_build_array(jsonb_build_object('inputs', jsonb_build_object('domain', $1, 'type', $2, 'name', $3))))
     limit 1`,
    [domain, type, name, sagaId],
  );
  if (owner) throw new ConflictError(`A saga is at work on this record: ${owner.id} (${owner.kind}).`);
}
