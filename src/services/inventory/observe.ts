import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { diffResource, type ResourceChanges, type ResourceFields } from '../../core/inventory/resource-diff.js';
import { RESOURCE_KINDS, type ResourceKind } from '../../core/inventory/resource-kind.js';
import type { ResourceIdentity } from '../../core/inventory/urn.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { PROVIDER_SQL } from './provider.js';

/** One resource as the provider lists it now, normalized. */
export interface ObservedResource extends ResourceIdentity {
  readonly name: string;
  readonly status: string | null;
  readonly region: string | null;
  readonly tags: readonly string[];
  readonly attrs: Readonly<Record<string, unknown>>;
  /** True: `attrs` holds some attributes only and the stored others stay, as for a bucket that two scopes list. */
  readonly isPart?: boolean;
}

export interface Observation {
  /** Who saw it: `sync:<run id>`, `saga:<saga id>`. */
  readonly actor: string;
  readonly at: Date;
  /** Null outside a sync run. */
  readonly run: { readonly id: string; readonly number: string } | null;
  /**
   * A partial view brings `status` and some `attrs` of resources that are known, leaves their other fields alone, and
   * never makes or restores a resource.
   */
  readonly partial?: boolean;
}

export interface ObserveCounts {
  readonly discovered: number;
  readonly updated: number;
  readonly restored: number;
}

/**
 * The chokepoint: the only way by which resources enter the inventory or change there. Writes a page set-based, with its
 * events, in the caller's transaction, and clears the strikes of every resource on it. The same page again moves
 * `last_seen_at` alone. A resource that a page names twice counts once, as named last.
 */
export async function observe(
  db: EntityManager,
  observation: Observation,
  resources: readonly ObservedResource[],
): Promise<ObserveCounts> {
  const page = distinct(resources);
  if (page.length === 0) return { discovered: 0, updated: 0, restored: 0 };
  await lockKinds(db, new Set(page.map((resource) => resource.kind)));
  const incoming = JSON.stringify(page);
  const unchanged = await touchUnchanged(db, observation, incoming);
  if (unchanged === page.length) return { discovered: 0, updated: 0, restored: 0 };
  const discovered = observation.partial ? 0 : await insertNew(db, observation, incoming);
  if (discovered + unchanged === page.length) return { discovered, updated: 0, restored: 0 };
  return { discovered, ...(await writeChanged(db, observation, page, incoming)) };
}

function distinct(resources: readonly ObservedResource[]): ObservedResource[] {
  const byIdentity = new Map<string, ObservedResource>();
  for (const resource of resources) {
    byIdentity.set(identityKey(resource), { ...resource, tags: [...new Set(resource.tags)].sort() });
  }
  return [...byIdentity.values()];
}

function identityKey({ kind, providerKind, providerId }: ResourceIdentity): string {
  return `${kind}\n${providerKind}\n${providerId}`;
}

/**
 * Lets one writer at a time change resources of these kinds, until the caller's transaction ends. Lock all kinds of a
 * transaction in one call, before any project or resource: every caller locks in the same order, so that two transactions
 * that change the same rows never deadlock.
 */
export async function lockKinds(db: EntityManager, kinds: Iterable<ResourceKind> = RESOURCE_KINDS): Promise<void> {
  await query(db).execute(
    sql`/* lock-kinds */ select pg_advisory_xact_lock(hashtext('cloud_resources'), hashtext(kind)) from unnest(${[...new Set(kinds)].sort()}::text[]) as kind`,
  );
}

/** The page as rows `incoming`. */
const incomingRows = (page: string) =>
  sql`jsonb_to_recordset(${page}::jsonb) as incoming(kind text, "providerKind" text, "providerId" text, name text,
  status text, region text, tags text[], attrs jsonb, "isPart" boolean)`;
const SAME_IDENTITY = sql`known.provider = ${PROVIDER_SQL} and known.kind = incoming.kind
  and known.provider_kind = incoming."providerKind" and known.provider_id = incoming."providerId"`;
const Count = rowShape({ count: z.int() });

async function insertNew(db: EntityManager, { actor, at, run }: Observation, incoming: string): Promise<number> {
  const { count } = await query(db).one(
    Count,
    sql`/* insert-resources */ with inserted as (
       insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs,
         cloud_project_id, tenant_id, first_seen_at, last_seen_at, last_seen_run)
       select ${PROVIDER_SQL}, incoming.kind, incoming."providerKind", incoming."providerId", incoming.name, incoming.status,
         incoming.region, incoming.tags, incoming.attrs, project.id, project.tenant_id, ${at}, ${at}, ${run?.number ?? null}
       from ${incomingRows(incoming)}
       left join cloud_project_members member on member.provider = ${PROVIDER_SQL} and member.kind = incoming.kind
         and member.provider_kind = incoming."providerKind" and member.provider_id = incoming."providerId"
       left join cloud_projects project on project.id = member.cloud_project_id
       where not exists (select from cloud_resources known where ${SAME_IDENTITY})
       on conflict do nothing
       returning id
     ), appended as (
       insert into cloud_resource_events (resource_id, type, at, actor, run_id)
       select id, 'discovered', ${at}, ${actor}, ${run?.id ?? null} from inserted
     )
     select count(*)::int as count from inserted`,
  );
  return count;
}

/** Moves `last_seen_at` of unchanged resources, in one narrow update. Returns how many. */
async function touchUnchanged(db: EntityManager, { at, run, partial }: Observation, incoming: string): Promise<number> {
  const same = partial
    ? sql`known.status is not distinct from incoming.status and known.attrs @> incoming.attrs`
    : sql`known.name = incoming.name and known.status is not distinct from incoming.status
       and known.region is not distinct from incoming.region and known.tags = incoming.tags
       and (known.attrs = incoming.attrs or (incoming."isPart" and known.attrs @> incoming.attrs))`;
  return query(db).execute(sql`/* touch-resources */ update cloud_resources known
     set last_seen_at = greatest(known.last_seen_at, ${at}), last_seen_run = coalesce(${run?.number ?? null}, known.last_seen_run), stale_strike_count = 0
     from ${incomingRows(incoming)}
     where ${SAME_IDENTITY} and known.deleted_at is null and ${same}`);
}

const KnownColumns = rowOf(CloudResource, [
  'id',
  'kind',
  'providerKind',
  'providerId',
  'name',
  'status',
  'region',
  'tags',
  'attrs',
]);
const KnownRow = rowWith(KnownColumns, { wasDeleted: z.boolean() });

async function writeChanged(
  db: EntityManager,
  observation: Observation,
  page: readonly ObservedResource[],
  incoming: string,
): Promise<{ updated: number; restored: number }> {
  const known = await query(db).many(
    KnownRow,
    sql`/* lock-changed-resources */ select ${KnownColumns.columns('known')}, known.deleted_at is not null as "wasDeleted"
     from cloud_resources known join ${incomingRows(incoming)} on ${SAME_IDENTITY}
     where not (${observation.partial === true} and known.deleted_at is not null)
     order by known.id for update of known`,
  );
  const pageByIdentity = new Map(page.map((resource) => [identityKey(resource), resource]));
  const seen: SeenRow[] = [];
  for (const before of known) {
    const shown = pageByIdentity.get(identityKey(before)) as ObservedResource;
    const after = observation.partial
      ? { ...before, status: shown.status, attrs: { ...before.attrs, ...shown.attrs } }
      : shown.isPart
        ? { ...shown, attrs: { ...before.attrs, ...shown.attrs } }
        : shown;
    const changes = diffResource(before, after);
    const type = before.wasDeleted ? 'restored' : Object.keys(changes).length > 0 ? 'updated' : null;
    const { name, status, region, tags, attrs } = after;
    seen.push({ id: before.id, type, changes, name, status, region, tags, attrs });
  }
  await updateWithEvents(db, observation, seen);
  return {
    updated: seen.filter((row) => row.type === 'updated').length,
    restored: seen.filter((row) => row.type === 'restored').length,
  };
}

interface SeenRow extends ResourceFields {
  readonly id: string;
  /** The event to append; null if only bookkeeping changed. */
  readonly type: 'updated' | 'restored' | null;
  readonly changes: ResourceChanges;
}

async function updateWithEvents(
  db: EntityManager,
  { actor, at, run }: Observation,
  seen: readonly SeenRow[],
): Promise<void> {
  await query(db).execute(sql`/* update-resources */ with seen as materialized (
       select * from jsonb_to_recordset(${JSON.stringify(seen)}::jsonb) as seen(id uuid, type text, changes jsonb, name text, status text,
         region text, tags text[], attrs jsonb)
     ), written as (
       update cloud_resources known
       set name = seen.name, status = seen.status, region = seen.region, tags = seen.tags, attrs = seen.attrs,
         deleted_at = null, stale_strike_count = 0, last_seen_at = ${at}, last_seen_run = coalesce(${run?.number ?? null}, known.last_seen_run)
       from seen where known.id = seen.id
     )
     insert into cloud_resource_events (resource_id, type, at, changes, actor, run_id)
     select id, 'tagged', ${at}::timestamptz, jsonb_build_object('tags', changes -> 'tags'), ${actor}::text, ${run?.id ?? null}::uuid from seen
     where type is not null and changes ? 'tags'
     union all
     select id, type, ${at}::timestamptz, changes, ${actor}::text, ${run?.id ?? null}::uuid from seen where type is not null`);
}
