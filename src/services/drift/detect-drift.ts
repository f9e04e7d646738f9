import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { type FieldDrift, type OpenDrift, planDrifts, type Spec } from '../../core/drift/drift.js';
import type { ResourceFields } from '../../core/inventory/resource-diff.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { lockKinds } from '../inventory/observe.js';
import { OWNS_RESOURCE } from '../sagas/owning-saga.js';

/** One page, one transaction: short, so that syncs and live streams wait for none of it. */
const PAGE_SIZE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface DriftCounts {
  /** Resources that were compared: those that we provisioned, still exist, and that no saga is changing. */
  readonly checked: number;
  readonly opened: number;
  readonly closedAsStale: number;
}

/**
 * Compares what we provisioned with what the inventory shows, and keeps the open drifts in step with it: opens one for
 * each field that differs, brings its values up to date where they move on, and closes it STALE where the field matches
 * again or the resource is gone. Two at once do what one does.
 */
export async function detectDrift(
  app: Pick<App, 'db' | 'clock' | 'log'>,
  actor: string,
  signal?: AbortSignal,
): Promise<DriftCounts> {
  const total = { checked: 0, opened: 0, closedAsStale: 0 };
  for (let after = BEFORE_ALL; ; ) {
    signal?.throwIfAborted();
    const page = await findPage(app, after);
    const counts = await app.db.transaction((db) => detectPage(db, { actor, at: app.clock() }, page));
    total.checked += counts.checked;
    total.opened += counts.opened;
    total.closedAsStale += counts.closedAsStale;
    const last = page.at(-1);
    if (!last || page.length < PAGE_SIZE) break;
    after = last.resourceId;
  }
  app.log.info({ ...total, actor }, 'drift detected');
  return total;
}

interface PageRow {
  readonly resourceId: string;
  readonly kind: ResourceKind;
}

/** Both keys are bounded: the planner does not carry a bound from one to the other, and would walk a whole table. */
async function findPage(app: Pick<App, 'db'>, after: string): Promise<PageRow[]> {
  return app.db.query(
    `select provisioned.resource_id as "resourceId", resource.kind
     from cloud_provisioned provisioned join cloud_resources resource on resource.id = provisioned.resource_id
     where provisioned.resource_id > $1 and resource.id > $1 and (resource.deleted_at is null or exists (
       select from cloud_drift drift where drift.resource_id = resource.id and drift.status = 'open'))
     order by provisioned.resource_id limit ${PAGE_SIZE}`,
    [after],
  );
}

/** Under the lock of the kinds nothing of the page changes, neither its rows nor its specs, until this is committed. */
async function detectPage(
  db: EntityManager,
  { actor, at }: { readonly actor: string; readonly at: Date },
  page: readonly PageRow[],
): Promise<DriftCounts> {
  if (page.length === 0) return { checked: 0, opened: 0, closedAsStale: 0 };
  await lockKinds(db, new Set(page.map(({ kind }) => kind)));
  const rows = await findComparable(
    db,
    page.map(({ resourceId }) => resourceId),
  );
  const opened: (FieldDrift & { resourceId: string })[] = [];
  const refreshed: OpenDrift[] = [];
  const closed: string[] = [];
  for (const row of rows) {
    const plan = planDrifts(row.spec, row.isGone ? null : row, row.known);
    opened.push(...plan.open.map((drift) => ({ resourceId: row.resourceId, ...drift })));
    refreshed.push(...plan.refresh);
    closed.push(...plan.close);
  }
  await refreshDrifts(db, refreshed);
  return {
    checked: rows.filter(({ isGone }) => !isGone).length,
    opened: await openDrifts(db, { actor, at }, opened),
    closedAsStale: await closeStale(db, at, closed),
  };
}

interface ComparableRow extends ResourceFields {
  readonly resourceId: string;
  readonly spec: Spec;
  readonly isGone: boolean;
  readonly known: readonly OpenDrift[];
}

/** Without what a saga is changing: that is as it shall be once the saga has ended. */
async function findComparable(db: EntityManager, resourceIds: readonly string[]): Promise<ComparableRow[]> {
  return db.query(
    `select resource.id as "resourceId", provisioned.spec, resource.name, resource.status, resource.region,
       resource.tags, resource.attrs, resource.deleted_at is not null as "isGone",
       coalesce((
         select jsonb_agg(jsonb_build_object('id', drift.id, 'field', drift.field, 'expected', drift.expected,
           'actual', drift.actual))
         from cloud_drift drift where drift.resource_id = resource.id and drift.status = 'open'
       ), '[]') as known
     from cloud_provisioned provisioned join cloud_resources resource on resource.id = provisioned.resource_id
     where resource.id = any($1::uuid[]) and provisioned.resource_id = any($1::uuid[]) and not exists (select from saga_runs run
       where ${OWNS_RESOURCE} or (run.id = provisioned.saga_id and run.finished_at is null))
     order by resource.id`,
    [resourceIds],
  );
}

/** A drift that another detection has opened meanwhile stays that one's, event and all. */
async function openDrifts(
  db: EntityManager,
  { actor, at }: { readonly actor: string; readonly at: Date },
  drifts: readonly (FieldDrift & { resourceId: string })[],
): Promise<number> {
  if (drifts.length === 0) return 0;
  const [counted]: [{ count: number }] = await db.query(
    `with opened as (
       insert into cloud_drift (resource_id, field, expected, actual, status, detected_at)
       select found."resourceId", found.field, found.expected, found.actual, 'open', $2
       from jsonb_to_recordset($1::jsonb) as found("resourceId" uuid, field text, expected jsonb, actual jsonb)
       on conflict (resource_id, field) where status = 'open' do nothing
       returning resource_id, field, expected, actual
     ), told as (
       insert into cloud_resource_events (resource_id, type, at, changes, actor)
       select resource_id, 'drift_detected', $2,
         jsonb_build_object(field, jsonb_build_object('from', expected, 'to', actual)), $3
       from opened
     )
     select count(*)::int as count from opened`,
    [JSON.stringify(drifts), at, actor],
  );
  return counted.count;
}

async function refreshDrifts(db: EntityManager, drifts: readonly OpenDrift[]): Promise<void> {
  if (drifts.length === 0) return;
  await db.query(
    `update cloud_drift drift set expected = found.expected, actual = found.actual
     from jsonb_to_recordset($1::jsonb) as found(id uuid, expected jsonb, actual jsonb)
     where drift.id = found.id and drift.status = 'open'`,
    [JSON.stringify(drifts)],
  );
}

/** Nobody resolved them: they went away by themselves. */
async function closeStale(db: EntityManager, at: Date, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const [, count]: [unknown, number] = await db.query(
    `update cloud_drift set status = 'stale', resolved_at = $2 where id = any($1::uuid[]) and status = 'open'`,
    [ids, at],
  );
  return count;
}
