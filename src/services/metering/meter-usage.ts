import type { EntityManager } from 'typeorm';
import type { App } from '../../context.js';
import { type BillingKind, METERED_AS } from '../../core/billing-kind.js';
import { DEFAULT_METERING_RULE, type Granularity, MAX_SIZE_GB, RECORD_SCALE } from '../../core/metering.js';
import { addDays, type Day, dayOf, daysInMonth, daysOf, parseDay, periodOf } from '../../core/period.js';
import type { ResourceKind } from '../../core/resource-kind.js';
import { readsWithin } from '../../database/reads.js';
import { BadUserInputError } from '../../errors.js';
import { findMeteringRules } from './metering-config.js';
import { pruneUsage } from './prune-usage.js';

/** Meters one complete UTC day; again refreshes what is there. Answers the records of that day. */
export async function meterUsage(app: Pick<App, 'db' | 'clock'>, text: string): Promise<number> {
  const day = parseDay(text, 'day');
  if (day >= dayOf(app.clock())) throw BadUserInputError.at('day', `${day} is not over yet`);
  let records = 0;
  for (const [resourceKind, kind] of Object.entries(METERED_AS) as [ResourceKind, BillingKind][]) {
    records += await app.db.transaction(async (db) => {
      // One after the other, each by the rule of its moment: else two granularities could count one day twice.
      await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', ['metering', `${day} ${kind}`]);
      const { granularity } = (await findMeteringRules(readsWithin(db))).get(kind) ?? DEFAULT_METERING_RULE;
      return meterKind(db, { day, resourceKind, kind, granularity });
    });
  }
  await app.db.query(
    `insert into metered_days (day, metered_at) values ($1, $2) on conflict (day) do update set metered_at = excluded.metered_at`,
    [day, app.clock()],
  );
  return records;
}

/** After a stop of this length the days before it are left to the operator. */
const MAX_CATCH_UP_DAYS = 40;

/** The schedule's run: every complete day that was missed since one that was metered, then what is kept too long goes. */
export async function meterDueDays(app: Pick<App, 'db' | 'reads' | 'clock' | 'log'>): Promise<void> {
  const today = dayOf(app.clock());
  const metered: { day: Day }[] = await app.db.query(
    'select day::text as day from metered_days where day >= $1 and day < $2 order by metered_days.day',
    [addDays(today, -MAX_CATCH_UP_DAYS), today],
  );
  const isMetered = new Set(metered.map(({ day }) => day));
  for (const day of daysOf({ from: metered[0]?.day ?? addDays(today, -1), until: today })) {
    if (isMetered.has(day)) continue;
    const records = await meterUsage(app, day);
    app.log.info({ day, records }, 'day metered');
  }
  await pruneUsage(app);
}

interface KindOfDay {
  readonly day: Day;
  readonly resourceKind: ResourceKind;
  readonly kind: BillingKind;
  readonly granularity: Granularity;
}

/** What one resource of a kind uses in a day; null: not known, so no record. The same as `meterResource` in core. */
function quantitySql(kind: BillingKind): string {
  if (kind === 'droplet_hours') return `case when resource.status = 'active' then 24 else 0 end::numeric`;
  if (kind === 'dns_zones') return `1::numeric(38, ${RECORD_SCALE}) / $6::int`;
  return `case jsonb_typeof(resource.attrs -> 'size_gigabytes') when 'number' then
    case when (resource.attrs ->> 'size_gigabytes')::numeric between 0 and ${MAX_SIZE_GB}
      then (resource.attrs ->> 'size_gigabytes')::numeric(38, ${RECORD_SCALE}) / $6::int end end`;
}

/**
 * One statement for all resources of a kind. It takes those that belong to a deployment, were made no later than that
 * day, and were still there when it ended. Records of the other granularity give way: a day is never counted twice.
 */
async function meterKind(db: EntityManager, { day, resourceKind, kind, granularity }: KindOfDay): Promise<number> {
  const hours = granularity === 'hourly' ? 24 : 1;
  const [counted]: [{ records: number }] = await db.query(
    `with metered as materialized (
       select id, deployment_id, round(quantity / $5::int, ${RECORD_SCALE}) as quantity from (
         select resource.id, resource.deployment_id, ${quantitySql(kind)} as quantity from cloud_resources resource
         where resource.kind = $1 and resource.deployment_id is not null
           and (resource.deleted_at is null or resource.deleted_at >= ($4::date + 1)::timestamp at time zone 'UTC')
           and coalesce(left(resource.attrs ->> 'created_at', 10) <= $4::text, true)
       ) used where quantity is not null and $6::int > 0
     ), replaced as (
       delete from usage_records old using metered where old.kind = $2 and old.granularity <> $3 and old.resource_id = metered.id
         and old.granularity in ('daily', 'hourly') and old.period_start >= $4::date::timestamp at time zone 'UTC'
         and old.period_start < ($4::date + 1)::timestamp at time zone 'UTC'
     ), written as (
       insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
       select metered.deployment_id, metered.id, $2, $3, ($4::date::timestamp + hour * interval '1 hour') at time zone 'UTC', metered.quantity
       from metered cross join generate_series(0, $5::int - 1) hour order by hour, metered.id
       on conflict (kind, granularity, period_start, resource_id) do update
       set deployment_id = excluded.deployment_id, quantity = excluded.quantity
       where usage_records.deployment_id <> excluded.deployment_id or usage_records.quantity <> excluded.quantity
     )
     select count(*)::int * $5::int as records from metered`,
    [resourceKind, kind, granularity, day, hours, daysInMonth(periodOf(day))],
  );
  return counted.records;
}
