import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import { type Granularity, MAX_SIZE_GB, RECORD_SCALE } from '../../core/metering/metering.js';
import { addDays, type Day, daysInMonth, periodOf, startOfDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { rawSql, type SharedValue, type Sql, shared, sql } from '../../database/sql.js';
import { IS_METERED_CHANGE } from './metered-changes.js';

export interface KindOfDay {
  readonly day: Day;
  readonly resourceKind: ResourceKind;
  readonly kind: BillingKind;
  readonly granularity: Granularity;
}

/** The parameters of the statement. */
interface DayParameters {
  readonly resourceKind: SharedValue;
  readonly day: SharedValue;
  readonly start: SharedValue;
  readonly end: SharedValue;
  readonly daysInMonth: SharedValue;
  /** Records of a resource: 24 hours, or the day as one. */
  readonly cells: SharedValue;
}

const SCALE = rawSql(String(RECORD_SCALE));

/** What one resource uses in a whole day in one state, as `meterResource` in core; null: not known, so no record. */
function perDay(kind: BillingKind, daysInMonth: SharedValue, status: Sql, size: Sql): Sql {
  if (kind === 'droplet_hours') return sql`case when ${status} = 'active' then 24 else 0 end::numeric`;
  if (kind === 'dns_zones') return sql`1::numeric(38, ${SCALE}) / ${daysInMonth}::int`;
  return sql`case jsonb_typeof(${size}) when 'number' then
    case when (${size} #>> '{}')::numeric between 0 and ${rawSql(String(MAX_SIZE_GB))}
      then (${size} #>> '{}')::numeric(38, ${SCALE}) / ${daysInMonth}::int end end`;
}

const CREATED = rawSql(`resource.attrs ->> 'created_at'`);
/**
 * A set of one row. The inventory was filled for the first time before `until`, so a resource without a creation time that
 * was discovered then may be older than its discovery.
 */
const opening = (resourceKind: SharedValue) =>
  sql`select date_trunc('day', min(first_seen_at), 'UTC') + interval '1 day' as until
    from cloud_resources where kind = ${resourceKind}`;
const STARTED = sql`case when ${CREATED} ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d' then (${CREATED})::timestamptz
  when ${CREATED} is null and resource.first_seen_at >= opening.until then resource.first_seen_at else '-infinity' end`;

/**
 * A set (id, deployment_id, cell, quantity), rounded, for the cells of a day. A resource whose state holds for the whole day
 * is read from its row (`steady`). For any other resource the day is cut at its events: the state before an event is what the
 * earliest event from there on says it changed from, and the row's state if no event says so.
 *
 * Droplets count the hours in which they were active, each for the deployment that had them. The other kinds count as they
 * were at the day's end: size, deployment, and whether they existed. Before a resource's first day in the inventory its
 * deployment is the first that it was assigned to.
 */
function usageOfDay(kind: BillingKind, parameters: DayParameters): Sql {
  const { resourceKind, day, start, end, daysInMonth, cells } = parameters;
  const before = (group: string, value: Sql, current: string) =>
    sql`case when ${rawSql(group)} = 0 then ${rawSql(current)}
      else first_value(${value}) over (partition by id, ${rawSql(group)} order by at desc, event_id desc) end`;
  const owner = sql`coalesce(changes -> 'deploymentId' ->> 'from',
    case when first_seen_at >= ${end} then changes -> 'deploymentId' ->> 'to' end)::uuid`;
  const isTouched = sql`(left(${CREATED}, 10) = ${day}::text
    or (${CREATED} is null and resource.first_seen_at > ${start} and resource.first_seen_at < ${end})
    or (resource.deleted_at >= ${start} and resource.deleted_at < ${end}))`;
  const counted =
    kind === 'droplet_hours'
      ? sql`select id, owner as deployment_id, cell, sum(case when status = 'active'
           then extract(epoch from least(until_at, cell_end) - greatest(from_at, cell_start)) else 0 end)::numeric(38, ${SCALE}) / 3600 as quantity
         from span join cells on from_at < cell_end and until_at > cell_start group by id, owner, cell`
      : sql`select id, owner, cell, ${perDay(kind, daysInMonth, sql`status`, sql`size`)} / ${cells}::int
         from span cross join cells where until_at = ${end}`;
  const steadyQuantity = perDay(kind, daysInMonth, sql`resource.status`, sql`(resource.attrs -> 'size_gigabytes')`);
  return sql`with log as materialized (
      select event.resource_id, event.at, event.id as event_id, event.type, event.changes
      from cloud_resource_events event where ${rawSql(IS_METERED_CHANGE)} and event.at >= ${start}
        and exists (select from cloud_resources resource where resource.id = event.resource_id and resource.kind = ${resourceKind})
    ), opening as materialized (${opening(resourceKind)}), cells as materialized (
      select cell, ${start}::timestamptz + cell * interval '24 hours' / ${cells}::int as cell_start,
        ${start}::timestamptz + (cell + 1) * interval '24 hours' / ${cells}::int as cell_end
      from generate_series(0, ${cells}::int - 1) cell
    ), steady as (
      select resource.id, resource.deployment_id, ${steadyQuantity} / ${cells}::int as quantity
      from cloud_resources resource cross join opening
      where resource.kind = ${resourceKind} and resource.deployment_id is not null and (resource.deleted_at is null or resource.deleted_at >= ${end})
        and coalesce(left(${CREATED}, 10) < ${day}::text, resource.first_seen_at < opening.until or resource.first_seen_at <= ${start})
        and not exists (select from log where log.resource_id = resource.id)
    ), touched as (
      select resource.id, resource.deployment_id, resource.status, resource.attrs -> 'size_gigabytes' as size, resource.deleted_at,
        resource.first_seen_at, ${STARTED} as started_at
      from cloud_resources resource cross join opening
      where resource.kind = ${resourceKind} and (${isTouched} or resource.id in (select resource_id from log))
    ), timeline as (
      select touched.*, log.at, log.event_id, log.type, log.changes from touched join log on log.resource_id = touched.id
      union all
      select touched.*, 'infinity', null, null, null from touched
    ), grouped as (
      select timeline.*, lag(at) over (partition by id order by at, event_id) as previous_at,
        count(*) filter (where changes ? 'deploymentId') over later as owner_group,
        count(*) filter (where changes ? 'status') over later as status_group,
        count(*) filter (where changes ? 'attrs.size_gigabytes') over later as size_group,
        count(*) filter (where type in ('deleted', 'restored')) over later as life_group
      from timeline window later as (partition by id order by at desc, event_id desc rows unbounded preceding)
    ), state as (
      select id, at, previous_at, started_at, deleted_at, life_group,
        ${before('owner_group', owner, 'deployment_id')} as owner,
        ${before('status_group', sql`changes -> 'status' ->> 'from'`, 'status')} as status,
        ${before('size_group', sql`changes -> 'attrs.size_gigabytes' -> 'from'`, 'size')} as size,
        ${before('life_group', sql`type = 'deleted'`, 'true')} as existed
      from grouped
    ), span as (
      select id, owner, status, size, greatest(previous_at, started_at, ${start}) as from_at,
        least(at, ${end}, case when life_group = 0 then deleted_at end) as until_at
      from state where owner is not null and existed
        and greatest(previous_at, started_at, ${start}) < least(at, ${end}, case when life_group = 0 then deleted_at end)
    ), counted as (
      select steady.id, steady.deployment_id, cells.cell, steady.quantity from steady cross join cells
      union all
      ${counted}
    )
    select id, deployment_id, cell, round(quantity, ${SCALE}) as quantity from counted where quantity is not null`;
}

const RecordCount = rowShape({ records: z.int() });

/**
 * Meters all resources of a kind in one statement. Records of the day that no longer hold are deleted, those of the other
 * granularity too: a day is never counted twice. Returns the number of records of that day.
 */
export async function meterKind(
  db: EntityManager,
  { day, resourceKind, kind, granularity }: KindOfDay,
): Promise<number> {
  const parameters: DayParameters = {
    resourceKind: shared(resourceKind),
    day: shared(day),
    start: shared(startOfDay(day).toISOString()),
    end: shared(startOfDay(addDays(day, 1)).toISOString()),
    daysInMonth: shared(daysInMonth(periodOf(day))),
    cells: shared(granularity === 'hourly' ? 24 : 1),
  };
  const { start, end } = parameters;
  const [billingKind, chosen] = [shared(kind), shared(granularity)];
  const { records } = await query(db).one(
    RecordCount,
    sql`/* meter-usage */ with metered as materialized (${usageOfDay(kind, parameters)}), replaced as (
       delete from usage_records old where old.kind = ${billingKind} and old.granularity in ('daily', 'hourly')
         and old.period_start >= ${start} and old.period_start < ${end}
         and not exists (select from metered where metered.id = old.resource_id and metered.deployment_id = old.deployment_id
           and old.granularity = ${chosen} and old.period_start = ${start}::timestamptz + metered.cell * interval '1 hour')
     ), written as (
       insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
       select metered.deployment_id, metered.id, ${billingKind}, ${chosen},
         ${start}::timestamptz + metered.cell * interval '1 hour', metered.quantity
       from metered order by metered.cell, metered.id
       on conflict (kind, granularity, period_start, resource_id, deployment_id) do update set quantity = excluded.quantity
       where usage_records.quantity <> excluded.quantity
     )
     select count(*)::int as records from metered`,
  );
  return records;
}
