import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { foldCase } from '../../core/costs/name-shape.js';
import { KIND_DEFINITIONS, type ResourceKind } from '../../core/inventory/resource-kind.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { PROVIDER, PROVIDER_SQL } from './provider.js';

/** A resource that the provider never listed to us; invoices alone tell that it was. */
export interface BilledResource {
  readonly id: string;
  readonly kind: ResourceKind;
  readonly name: string;
  /** From its first billed instant to its last, as far as the invoice tells. */
  readonly from: Date;
  readonly until: Date;
}

/** The id that such a resource has, whoever makes its row first: the same for the same kind and name, whatever its case. */
export function billedResourceId(kind: ResourceKind, name: string): string {
  const digest = createHash('sha256')
    .update(`${PROVIDER}\n${kind}\n${foldCase(name)}`)
    .digest('hex');
  // Version 8, the one for ids made by an own rule.
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `a${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}

/**
 * Makes the rows, tombstones from the start, each with its event; of one that is there already, only its end moves, and
 * only to a later one. No sync ever touches them: what the provider lists under such a name is another row.
 */
export async function recordBilledResources(
  db: EntityManager,
  { actor, at }: { readonly actor: string; readonly at: Date },
  resources: readonly BilledResource[],
): Promise<void> {
  const rows = resources.map((resource) => ({
    ...resource,
    providerKind: KIND_DEFINITIONS[resource.kind].providerKind,
  }));
  // In the order of their ids, so that two ingests that name the same resources never deadlock.
  await query(db).execute(sql`/* record-billed-resources */ with billed as (
       select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
         as billed(id uuid, kind text, "providerKind" text, name text, "from" timestamptz, until timestamptz)
     ), written as (
       insert into cloud_resources as known (id, provider, kind, provider_kind, provider_id, name, attrs, first_seen_at,
         last_seen_at, deleted_at, is_from_invoice)
       select billed.id, ${PROVIDER_SQL}, billed.kind, billed."providerKind", 'invoice:' || billed.id, billed.name,
         '{"known_from": "cloud invoices"}', billed."from", billed.until, billed.until, true
       from billed order by billed.id
       on conflict (id) do update set last_seen_at = excluded.last_seen_at, deleted_at = excluded.deleted_at
         where known.deleted_at < excluded.deleted_at
       returning known.id, known.xmax = 0 as is_new
     )
     insert into cloud_resource_events (resource_id, type, at, actor)
     select written.id, 'discovered', ${at}, ${actor} from written where written.is_new`);
}
