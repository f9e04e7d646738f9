import type { EntityManager } from 'typeorm';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import { type Granularity, MAX_SIZE_GB, RECORD_SCALE } from '../../core/metering/metering.js';
import { addDays, type Day, daysInMonth, periodOf, startOfDay } from '../../core/time/period.js';
import { IS_METERED_CHANGE } from './metered-changes.js';

export interface KindOfDay {
  readonly day: Day;
  readonly resourceKind: ResourceKind;
  readonly kind: BillingKind;
  readonly granularity: Granularity;
}

/** SQL: what one resource uses in a whole day in one state; null: not known, so no record. The same as `meterResource` in core. */
function perDay(kind: BillingKind, status: string, size: string): string {
  if (kind === 'droplet_hours') return `case when ${status} = 'active' then 24 else 0 end::numeric`;
  if (kind === 'dns_zones') return `1::numeric(38, ${RECORD_SCALE}) / $5::int`;
  return `case jsonb_typeof(${size}) when 'number' then
    case when (${size} #>> '{}')::numeric between 0 and ${MAX_SIZE_GB}
      then (${size} #>> '{}')::numeric(38, ${RECORD_SCALE}) / $5::int end end`;
}

const CREATED = `resource.attrs ->> 'created_at'`;
/**
 * SQL set of one row: before `until` the inventory was being filled for the first time, so a resource of the kind without
 * a creation time may be older than its discovery.
 */
const OPENING = `select date_trunc('day', min(first_seen_at), 'UTC') + interval '1 day' as until from cloud_resources where kind = $1`;
const STARTED = `case when ${CREATED} ~ '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d' then (${CREATED})::timestamptz
  when ${CREATED} is null and resource.first_seen_at >= opening.until then resource.first_seen_at else '-infinity' end`;

/**
 * SQL set (id, deployment_id, cell, quantity), rounded, for the cells of a day: 24 hours, or the day as one. A resource
 * whose state holds for the whole day is read from its row (`steady`). For any other the day is cut at its events; the
 * state before an event is what the earliest event from there on says it changed from, and the row's where none does.
 *
 * Droplets count the hours in which they were active, each for the deployment that they had. The other kinds count as they
 * were at the day's end: size, deployment, and whether they were there. Before a resource's first day in the inventory its
 * deployment is the first that it was given.
 */
function usageOfDay(kind: BillingKind): string {
  const before = (group: string, value: string, current: string) =>
    `case when ${group} = 0 then ${current} else first_value(${value}) over (partition by id, ${group} order by at desc, event_id desc) end`;
  const isTouched = `(left(${CREATED}, 10) = $8::text or (${CREATED} is null and resource.first_seen_at > $6 and resource.first_seen_at < $7)
    or (resource.deleted_at >= $6 and resource.deleted_at < $7))`;
  const counted =
    kind === 'droplet_hours'
      ? `select id, owner as deployment_id, cell, sum(case when status = 'active'
           then extract(epoch from least(until_at, cell_end) - greatest(from_at, cell_start)) else 0 end)::numeric(38, ${RECORD_SCALE}) / 3600 as quantity
         from span join cells on from_at < cell_end and until_at > cell_start group by id, owner, cell`
      : `select id, owner, cell, ${perDay(kind, 'status', 'size')} / $4::int from span cross join cells where until_at = $7`;
  return `with log as materialized (
      select event.resource_id, event.at, event.id as event_id, event.type, event.changes
      from cloud_resource_events event where ${IS_METERED_CHANGE} and event.at >= $6
        and exists (select from cloud_resources resource where resource.id = event.resource_id and resource.kind = $1)
    ), opening as materialized (${OPENING}), cells as materialized (
      select cell, $6::timestamptz + cell * interval '24 hours' / $4::int as cell_start,
        $6::timestamptz + (cell + 1) * interval '24 hours' / $4::int as cell_end
      from generate_series(0, $4::int - 1) cell
    ), steady as (
      select resource.id, resource.deployment_id, ${perDay(kind, 'resource.status', `(resource.attrs -> 'size_gigabytes')`)} / $4::int as quantity
      from cloud_resources resource cross join opening
      where resource.kind = $1 and $5::int > 0 and resource.deployment_id is not null and (resource.deleted_at is null or resource.deleted_at >= $7)
        and coalesce(left(${CREATED}, 10) < $8::text, resource.first_seen_at < opening.until or resource.first_seen_at <= $6)
        and not exists (select from log where log.resource_id = resource.id)
    ), touched as (
      select resource.id, resource.deployment_id, resource.status, resource.attrs -> 'size_gigabytes' as size, resource.deleted_at,
        resource.first_seen_at, ${STARTED} as started_at
      from cloud_resources resource cross join opening
      where resource.kind = $1 and (${isTouched} or resource.id in (select resource_id from log))
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
        ${before(
          'owner_group',
          `coalesce(changes -> 'deploymentId' ->> 'from', case when first_seen_at >= $7 then changes -> 'deploymentId' ->> 'to' end)::uuid`,
          'deployment_id',
        )} as owner,
        ${before('status_group', `changes -> 'status' ->> 'from'`, 'status')} as status,
        ${before('size_group', `changes -> 'attrs.size_gigabytes' -> 'from'`, 'size')} as size,
        ${before('life_group', `type = 'deleted'`, 'true')} as existed
      from grouped
    ), span as (
      select id, owner, status, size, greatest(previous_at, started_at, $6) as from_at,
        least(at, $7, case when life_group = 0 then deleted_at end) as until_at
      from state where owner is not null and existed
        and greatest(previous_at, started_at, $6) < least(at, $7, case when life_group = 0 then deleted_at end)
    ), counted as (
      select steady.id, steady.deployment_id, cells.cell, steady.quantity from steady cross join cells
      union all
      ${counted}
    )
    select id, deployment_id, cell, round(quantity, ${RECORD_SCALE}) as quantity from counted where quantity is not null`;
}

/**
 * One statement for all resources of a kind. What was recorded of the day before and does not hold any more gives way, the
 * other granularity included: a day is never counted twice. Returns the number of records of that day.
 */
export async function meterKind(
  db: EntityManager,
  { day, resourceKind, kind, granularity }: KindOfDay,
): Promise<number> {
  const cells = granularity === 'hourly' ? 24 : 1;
  const [counted]: [{ records: number }] = await db.query(
    `with metered as materialized (${usageOfDay(kind)}), replaced as (
       delete from usage_records old where old.kind = $2 and old.granularity in ('daily', 'hourly')
         and old.period_start >= $6 and old.period_start < $7
         and not exists (select from metered where metered.id = old.resource_id and metered.deployment_id = old.deployment_id
           and old.granularity = $3 and old.period_start = $6::timestamptz + metered.cell * interval '1 hour')
     ), written as (
       insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
       select metered.deployment_id, metered.id, $2, $3, $6::timestamptz + metered.cell * interval '1 hour', metered.quantity
       from metered order by metered.cell, metered.id
       on conflict (kind, granularity, period_start, resource_id, deployment_id) do update set quantity = excluded.quantity
       where usage_records.quantity <> excluded.quantity
     )
     select count(*)::int as records from metered`,
    [
      resourceKind,
      kind,
      granularity,
      cells,
      daysInMonth(periodOf(day)),
      startOfDay(day).toISOString(),
      startOfDay(addDays(day, 1)).toISOString(),
      day,
    ],
  );
  return counted.records;
}
