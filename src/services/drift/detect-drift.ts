import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { App } from '../../context.js';
import { type FieldDrift, type OpenDrift, planDrifts } from '../../core/drift/drift.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { lockKinds } from '../inventory/observe.js';
import { OWNS_RESOURCE } from '../sagas/owning-saga.js';

/** Resources of one transaction: few, so that syncs and live streams do not wait long for it. */
const PAGE_SIZE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface DriftCounts {
  /** Resources that were compared: those that we provisioned, still exist, and that no saga is changing. */
  readonly checked: number;
  readonly opened: number;
  readonly closedAsStale: number;
}

/**
 * Compares each spec with the inventory. Opens a drift for each field that differs, updates the values of open drifts, and
 * closes a drift as STALE if its field matches again or its resource is gone. Two detections at once have the result of
 * one.
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

const KindColumn = rowOf(CloudResource, ['kind']);
const PageRow = rowWith(KindColumn, { resourceId: z.string() });
type PageRow = RowOf<typeof PageRow>;

/** Both keys are bounded: the planner does not derive one bound from the other, and would scan a whole table. */
async function findPage(app: Pick<App, 'db'>, after: string): Promise<PageRow[]> {
  return query(app.db).many(
    PageRow,
    sql`/* list-provisioned */ select provisioned.resource_id as "resourceId", ${KindColumn.columns('resource')}
     from cloud_provisioned provisioned join cloud_resources resource on resource.id = provisioned.resource_id
     where provisioned.resource_id > ${after} and resource.id > ${after} and (resource.deleted_at is null or exists (
       select from cloud_drift drift where drift.resource_id = resource.id and drift.status = 'open'))
     order by provisioned.resource_id limit ${PAGE_SIZE}`,
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

const ComparedColumns = rowOf(CloudResource, ['name', 'status', 'region', 'tags', 'attrs']);
const ComparedRow = rowWith(ComparedColumns, {
  resourceId: z.string(),
  spec: z.record(z.string(), z.unknown()),
  isGone: z.boolean(),
  /** The open drifts. */
  known: z.array(z.strictObject({ id: z.string(), field: z.string(), expected: z.unknown(), actual: z.unknown() })),
});
type ComparedRow = RowOf<typeof ComparedRow>;

/** Without resources that a saga is changing: their state is final once the saga has ended. */
async function findComparable(db: EntityManager, resourceIds: readonly string[]): Promise<ComparedRow[]> {
  return query(db).many(
    ComparedRow,
    sql`/* find-compared-resources */ select resource.id as "resourceId", provisioned.spec,
       ${ComparedColumns.columns('resource')}, resource.deleted_at is not null as "isGone",
       coalesce((
         select jsonb_agg(jsonb_build_object('id', drift.id, 'field', drift.field, 'expected', drift.expected,
           'actual', drift.actual))
         from cloud_drift drift where drift.resource_id = resource.id and drift.status = 'open'
       ), '[]') as known
     from cloud_provisioned provisioned join cloud_resources resource on resource.id = provisioned.resource_id
     where resource.id = any(${resourceIds}::uuid[])
       and provisioned.resource_id = any(${resourceIds}::uuid[]) and not exists (select from saga_runs run
       where ${OWNS_RESOURCE} or (run.id = provisioned.saga_id and run.finished_at is null))
     order by resource.id`,
  );
}

const CountRow = rowShape({ count: z.int() });

/** Opens drifts, each with its event. A drift that another detection opened meanwhile is left alone. Returns how many. */
async function openDrifts(
  db: EntityManager,
  { actor, at }: { readonly actor: string; readonly at: Date },
  drifts: readonly (FieldDrift & { resourceId: string })[],
): Promise<number> {
  if (drifts.length === 0) return 0;
  const { count } = await query(db).one(
    CountRow,
    sql`/* open-drifts */ with opened as (
       insert into cloud_drift (resource_id, field, expected, actual, status, detected_at)
       select found."resourceId", found.field, found.expected, found.actual, 'open', ${at}::timestamptz
       from jsonb_to_recordset(${JSON.stringify(drifts)}::jsonb) as found("resourceId" uuid, field text, expected jsonb, actual jsonb)
       on conflict (resource_id, field) where status = 'open' do nothing
       returning resource_id, field, expected, actual
     ), appended as (
       insert into cloud_resource_events (resource_id, type, at, changes, actor)
       select resource_id, 'drift_detected', ${at}::timestamptz,
         jsonb_build_object(field, jsonb_build_object('from', expected, 'to', actual)), ${actor}
       from opened
     )
     select count(*)::int as count from opened`,
  );
  return count;
}

async function refreshDrifts(db: EntityManager, drifts: readonly OpenDrift[]): Promise<void> {
  if (drifts.length === 0) return;
  await query(db).execute(
    sql`/* refresh-drifts */ update cloud_drift drift set expected = found.expected, actual = found.actual
     from jsonb_to_recordset(${JSON.stringify(drifts)}::jsonb) as found(id uuid, expected jsonb, actual jsonb)
     where drift.id = found.id and drift.status = 'open'`,
  );
}

/** Closes drifts whose field matches again or whose resource is gone. Returns how many. */
async function closeStale(db: EntityManager, at: Date, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  return query(db).execute(
    sql`/* close-stale-drifts */ update cloud_drift set status = 'stale', resolved_at = ${at}
      where id = any(${ids}::uuid[]) and status = 'open'`,
  );
}
