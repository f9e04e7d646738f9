import type { EntityManager } from 'typeorm';
import { diffResource, type ResourceChanges, type ResourceFields } from '../../core/inventory/resource-diff.js';
import { RESOURCE_KINDS, type ResourceKind } from '../../core/inventory/resource-kind.js';
import type { ResourceIdentity } from '../../core/inventory/urn.js';

/** One resource as the provider shows it now, in our words. */
export interface ObservedResource extends ResourceIdentity {
  readonly name: string;
  readonly status: string | null;
  readonly region: string | null;
  readonly tags: readonly string[];
  readonly attrs: Readonly<Record<string, unknown>>;
  /** These are not all attributes: those that are known beside them stay, as of a bucket that two scopes see. */
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

export const PROVIDER = 'digitalocean';

/**
 * The chokepoint: the only way by which resources come into the inventory or change there. Takes a page, writes it
 * set-based with its events in the caller's transaction, and clears the strikes of all that it shows. The same page a
 * second time moves `last_seen_at` alone. Resources named twice in one page count once, as last named.
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
 * One writer a kind at a time, until the caller's transaction ends. Whoever changes several resources takes the kinds of
 * all of them here, once, in one order for everybody, and before any lock of a project or a resource: so two transactions
 * that change the same rows never deadlock.
 */
export async function lockKinds(db: EntityManager, kinds: Iterable<ResourceKind> = RESOURCE_KINDS): Promise<void> {
  await db.query(
    `select pg_advisory_xact_lock(hashtext('cloud_resources'), hashtext(kind)) from unnest($1::text[]) as kind`,
    [[...new Set(kinds)].sort()],
  );
}

const INCOMING = `jsonb_to_recordset($1::jsonb) as incoming(kind text, "providerKind" text, "providerId" text, name text,
  status text, region text, tags text[], attrs jsonb, "isPart" boolean)`;
const SAME_IDENTITY = `known.provider = '${PROVIDER}' and known.kind = incoming.kind
  and known.provider_kind = incoming."providerKind" and known.provider_id = incoming."providerId"`;

async function insertNew(db: EntityManager, { actor, at, run }: Observation, incoming: string): Promise<number> {
  const [counted]: [{ count: number }] = await db.query(
    `with inserted as (
       insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs,
         cloud_project_id, tenant_id, first_seen_at, last_seen_at, last_seen_run)
       select '${PROVIDER}', incoming.kind, incoming."providerKind", incoming."providerId", incoming.name, incoming.status,
         incoming.region, incoming.tags, incoming.attrs, project.id, project.tenant_id, $2, $2, $3
       from ${INCOMING}
       left join cloud_project_members member on member.provider = '${PROVIDER}' and member.kind = incoming.kind
         and member.provider_kind = incoming."providerKind" and member.provider_id = incoming."providerId"
       left join cloud_projects project on project.id = member.cloud_project_id
       where not exists (select from cloud_resources known where ${SAME_IDENTITY})
       on conflict do nothing
       returning id
     ), told as (
       insert into cloud_resource_events (resource_id, type, at, actor, run_id)
       select id, 'discovered', $2, $4, $5 from inserted
     )
     select count(*)::int as count from inserted`,
    [incoming, at, run?.number ?? null, actor, run?.id ?? null],
  );
  return counted.count;
}

/** One narrow update for those that are as they were. */
async function touchUnchanged(db: EntityManager, { at, run, partial }: Observation, incoming: string): Promise<number> {
  const same = partial
    ? 'known.status is not distinct from incoming.status and known.attrs @> incoming.attrs'
    : `known.name = incoming.name and known.status is not distinct from incoming.status
       and known.region is not distinct from incoming.region and known.tags = incoming.tags
       and (known.attrs = incoming.attrs or (incoming."isPart" and known.attrs @> incoming.attrs))`;
  const [, count]: [unknown, number] = await db.query(
    `update cloud_resources known
     set last_seen_at = greatest(known.last_seen_at, $2), last_seen_run = coalesce($3, known.last_seen_run), stale_strike_count = 0
     from ${INCOMING}
     where ${SAME_IDENTITY} and known.deleted_at is null and ${same}`,
    [incoming, at, run?.number ?? null],
  );
  return count;
}

interface KnownRow extends ResourceFields, ResourceIdentity {
  readonly id: string;
  readonly wasDeleted: boolean;
}

async function writeChanged(
  db: EntityManager,
  observation: Observation,
  page: readonly ObservedResource[],
  incoming: string,
): Promise<{ updated: number; restored: number }> {
  const known: KnownRow[] = await db.query(
    `select known.id, known.kind, known.provider_kind as "providerKind", known.provider_id as "providerId", known.name,
       known.status, known.region, known.tags, known.attrs, known.deleted_at is not null as "wasDeleted"
     from cloud_resources known join ${INCOMING} on ${SAME_IDENTITY}
     where not ($2 and known.deleted_at is not null)
     order by known.id for update of known`,
    [incoming, observation.partial === true],
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
  /** The event to tell; null where nothing that means something changed. */
  readonly type: 'updated' | 'restored' | null;
  readonly changes: ResourceChanges;
}

async function updateWithEvents(
  db: EntityManager,
  { actor, at, run }: Observation,
  seen: readonly SeenRow[],
): Promise<void> {
  await db.query(
    `with seen as materialized (
       select * from jsonb_to_recordset($1::jsonb) as seen(id uuid, type text, changes jsonb, name text, status text,
         region text, tags text[], attrs jsonb)
     ), written as (
       update cloud_resources known
       set name = seen.name, status = seen.status, region = seen.region, tags = seen.tags, attrs = seen.attrs,
         deleted_at = null, stale_strike_count = 0, last_seen_at = $2, last_seen_run = coalesce($3, known.last_seen_run)
       from seen where known.id = seen.id
     )
     insert into cloud_resource_events (resource_id, type, at, changes, actor, run_id)
     select id, 'tagged', $2::timestamptz, jsonb_build_object('tags', changes -> 'tags'), $4::text, $5::uuid from seen
     where type is not null and changes ? 'tags'
     union all
     select id, type, $2, changes, $4, $5 from seen where type is not null`,
    [JSON.stringify(seen), at, run?.number ?? null, actor, run?.id ?? null],
  );
}
