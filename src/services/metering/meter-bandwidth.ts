import { z } from 'zod';
import type { App } from '../../context.js';
import { RECORD_SCALE } from '../../core/metering/metering.js';
import { transferredGb } from '../../core/metering/transferred-gb.js';
import { addDays, dayOf, startOfDay } from '../../core/time/period.js';
import { DayShape } from '../../core/time/period-shapes.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { ProviderError } from '../../errors.js';

/** Requests a run, one a droplet and day: a part of the provider's 5,000 an hour. */
const MAX_REQUESTS = 1_500;
/** The provider stores its metrics for two weeks. */
const MAX_DAYS_BACK = 10;

/** A day on which a droplet ran and whose bandwidth is not recorded. */
const DueDay = rowShape({ resourceId: z.string(), dropletId: z.string(), deploymentId: z.string(), day: DayShape });
type DueDay = RowOf<typeof DueDay>;

/**
 * Records what each droplet sent to the public network on each day on which it ran, once the day's hours are metered. The
 * deployment is the one with most of those hours. A droplet without figures at the provider sent nothing. Months with an
 * issued invoice do not change. Returns the number of records.
 */
export async function meterBandwidth(
  app: Pick<App, 'db' | 'clock' | 'digitalOcean' | 'log'>,
  signal?: AbortSignal,
): Promise<number> {
  const due = await findDue(app);
  let records = 0;
  for (const one of due) {
    signal?.throwIfAborted();
    const start = startOfDay(one.day).getTime() / 1_000;
    const end = startOfDay(addDays(one.day, 1)).getTime() / 1_000;
    const samples = await readSamples(app, one.dropletId, { start, end }, signal);
    const gigabytes = transferredGb(samples, { from: start, until: end }).toFixed(RECORD_SCALE);
    records += await write(app, one, gigabytes);
  }
  if (due.length > 0) app.log.info({ records, due: due.length }, 'bandwidth metered');
  return records;
}

/** Newest days first, so that a long stop does not hold up the present. */
async function findDue(app: Pick<App, 'db' | 'clock'>): Promise<DueDay[]> {
  const today = dayOf(app.clock());
  return query(app.db).many(
    DueDay,
    sql`/* list-due-bandwidth */ select due."resourceId", resource.provider_id as "dropletId", due."deploymentId", due.day::text as day from (
       select distinct on (ran.resource_id, ran.day) ran.resource_id as "resourceId", ran.deployment_id as "deploymentId", ran.day
       from (
         select resource_id, deployment_id, (period_start at time zone 'UTC')::date as day, sum(quantity) as hours
         from usage_records where kind = 'droplet_hours' and granularity in ('daily', 'hourly')
           and period_start >= ${startOfDay(addDays(today, -MAX_DAYS_BACK))} and period_start < ${startOfDay(today)}
         group by 1, 2, 3
       ) ran where ran.hours > 0
       order by ran.resource_id, ran.day, ran.hours desc, ran.deployment_id
     ) due join cloud_resources resource on resource.id = due."resourceId"
     where not exists (select from usage_records known where known.kind = 'bandwidth_gb' and known.granularity = 'daily'
         and known.period_start = due.day::timestamp at time zone 'UTC' and known.resource_id = due."resourceId")
       and not exists (select from invoices invoice where invoice.period = date_trunc('month', due.day)::date
         and invoice.status in ('issued', 'paid'))
     order by due.day desc, due."resourceId" limit ${MAX_REQUESTS}`,
  );
}

async function readSamples(
  app: Pick<App, 'digitalOcean' | 'log'>,
  dropletId: string,
  span: { readonly start: number; readonly end: number },
  signal: AbortSignal | undefined,
): Promise<[number, string][]> {
  try {
    return await app.digitalOcean.billing.monitoring.outboundBandwidth(dropletId, span, signal ? { signal } : {});
  } catch (error) {
    if (!(error instanceof ProviderError) || error.failure.status !== 404) throw error;
    app.log.warn({ dropletId }, 'the provider has no bandwidth of a droplet that ran');
    return [];
  }
}

async function write(app: Pick<App, 'db'>, due: DueDay, gigabytes: string): Promise<number> {
  const [resourceId, start] = [shared(due.resourceId), shared(startOfDay(due.day))];
  return query(app.db).execute(
    sql`/* write-bandwidth */ insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     select ${due.deploymentId}::uuid, ${resourceId}::uuid, 'bandwidth_gb', 'daily', ${start}::timestamptz, ${gigabytes}::numeric
     where not exists (select from invoices
         where period = date_trunc('month', ${due.day}::date)::date and status in ('issued', 'paid'))
       and not exists (select from usage_records where kind = 'bandwidth_gb' and granularity = 'daily'
         and period_start = ${start}::timestamptz and resource_id = ${resourceId}::uuid)
     on conflict do nothing`,
  );
}
