import type { ResourceKind } from '../../../core/inventory/resource-kind.js';
import { type FxRate, findRate, type Reporting, rateOfMonth } from '../../../core/money/fx.js';
import type { Currency } from '../../../core/money/money.js';
import { ANOMALY_SCORE, type MonthlyCost } from '../../../core/reports/cost-anomaly.js';
import { lastDayOf, nextPeriod, type Period, previousPeriod } from '../../../core/time/period.js';
import type { Reads } from '../../../database/reads.js';

type Sql = Pick<Reads, 'query'>;

/** Months that a cost is compared with. */
const HISTORY_MONTHS = 12;

/** The month and those before it that it can be compared with, each with the rate that converts it. */
export interface ComparedMonths {
  readonly period: Period;
  /** Newest first; those that were ingested, and whose rate is known. */
  readonly history: readonly Period[];
  readonly fxRates: readonly FxRate[];
  readonly rates: readonly { readonly period: Period; readonly currency: Currency; readonly rate: string }[];
}

/** Null where nothing of the month is ingested. Throws MissingFxRateError where the month itself has no rate. */
export async function findComparedMonths(
  sql: Sql,
  reporting: Reporting,
  period: Period,
): Promise<ComparedMonths | null> {
  let earliest = period;
  for (let back = 0; back < HISTORY_MONTHS; back++) earliest = previousPeriod(earliest);
  const billed = await sql.query<{ period: Period; currency: Currency }>(
    `select distinct period::text as period, currency from cloud_invoices
     where live_ingest_id is not null and period between $1::date and $2::date order by 1 desc`,
    [earliest, period],
  );
  const own = billed.filter((month) => month.period === period);
  if (own.length === 0) return null;
  const quote = reporting.currency;
  const fxRates = own
    .filter(({ currency }) => currency !== quote)
    .map(({ currency: base }) => rateOfMonth(reporting.rates, { base, quote }, period));
  const rates = billed.flatMap(({ period: month, currency }) => {
    const found =
      currency === quote ? '1' : findRate(reporting.rates, { base: currency, quote }, lastDayOf(month))?.rate;
    return found === undefined ? [] : [{ period: month, currency, rate: found }];
  });
  const unknown = new Set(
    billed.filter((month) => !rates.some((rate) => isSame(rate, month))).map((one) => one.period),
  );
  const history = [...new Set(billed.map((month) => month.period))].filter(
    (one) => one !== period && !unknown.has(one),
  );
  return { period, history, fxRates, rates: rates.filter((rate) => !unknown.has(rate.period)) };
}

interface CurrencyMonth {
  readonly period: Period;
  readonly currency: Currency;
}

function isSame(a: CurrencyMonth, b: CurrencyMonth): boolean {
  return a.period === b.period && a.currency === b.currency;
}

/** One month of a resource. */
export interface ResourceMonth extends MonthlyCost {
  /** Of its own lines, those of its backups aside. */
  readonly ownCents: number;
  readonly hours: string;
  /** The sizes that its lines name. */
  readonly sizes: string | null;
}

export interface ResourceSeries {
  readonly resourceId: string;
  readonly kind: ResourceKind;
  readonly tenantId: string | null;
  readonly isDeleted: boolean;
  readonly months: readonly ResourceMonth[];
}

const RATES = `rate as (select * from unnest($2::date[], $3::text[], $4::numeric[]) as rate(period, currency, rate))`;
const ratesOf = ({ rates }: ComparedMonths) => [
  rates.map((one) => one.period),
  rates.map((one) => one.currency),
  rates.map((one) => one.rate),
];

/**
 * The resources whose cost moved from its median by as much as any anomaly has to (see `findCostAnomaly`, which decides),
 * and that cost something in the month or the one compared last: what has long been gone is no news.
 */
export async function readMovedResources(sql: Sql, compared: ComparedMonths): Promise<ResourceSeries[]> {
  return sql.query<ResourceSeries>(
    `with ${RATES}, month as (
       select line.resource_id, line.period, sum(line.amount_cents) as provider,
         sum(round(line.amount_cents * rate.rate)) as reporting,
         coalesce(sum(line.amount_cents) filter (where line.kind <> 'droplet_backup'), 0) as own,
         coalesce(sum(line.hours) filter (where line.kind <> 'droplet_backup'), 0) as hours,
         string_agg(distinct coalesce(substring(line.description from '([0-9.]+GB)'), substring(line.description from '\\(([^()]+)\\)\\s*$')), ', ')
           filter (where line.kind <> 'droplet_backup') as sizes
       from live_cost_lines line join rate on rate.period = line.period and rate.currency = line.currency
       where line.resource_id is not null group by line.resource_id, line.period
     ), series as (
       select month.resource_id, coalesce(sum(month.reporting) filter (where month.period = $1::date), 0) as now,
         coalesce(percentile_cont(0.5) within group (order by month.reporting) filter (where month.period < $1::date), 0) as usual,
         max(month.period) as last_period,
         json_agg(json_build_object('period', month.period, 'providerCents', month.provider, 'reportingCents', month.reporting,
           'ownCents', month.own, 'hours', month.hours::text, 'sizes', month.sizes) order by month.period) as months
       from month group by month.resource_id
     )
     select series.resource_id as "resourceId", resource.kind, coalesce(deployment.tenant_id, resource.tenant_id) as "tenantId",
       resource.deleted_at is not null as "isDeleted", series.months
     from series join cloud_resources resource on resource.id = series.resource_id
     left join deployments deployment on deployment.id = resource.deployment_id
     where abs(series.now - series.usual) >= $5::float8 * 15 and abs(series.now - series.usual) >= $5::float8 * 0.03 * abs(series.usual)
       and series.last_period >= $6::date`,
    [compared.period, ...ratesOf(compared), ANOMALY_SCORE - 0.1, compared.history[0] ?? compared.period],
  );
}

/** One month of a kind, of one tenant's resources or (null) nobody's. */
export interface KindMonth extends MonthlyCost {
  readonly kind: ResourceKind;
  readonly tenantId: string | null;
}

export async function readKindMonths(sql: Sql, compared: ComparedMonths): Promise<KindMonth[]> {
  const rows = await sql.query<
    Omit<KindMonth, 'providerCents' | 'reportingCents'> & { provider: string; reporting: string }
  >(
    `with ${RATES}
     select line.kind, coalesce(deployment.tenant_id, resource.tenant_id) as "tenantId", line.period::text as period,
       sum(line.amount_cents)::text as provider, sum(round(line.amount_cents * rate.rate))::text as reporting
     from live_cost_lines line join rate on rate.period = line.period and rate.currency = line.currency
     left join cloud_resources resource on resource.id = line.resource_id
     left join deployments deployment on deployment.id = resource.deployment_id
     where line.kind is not null and line.period <= $1::date group by 1, 2, 3`,
    [compared.period, ...ratesOf(compared)],
  );
  return rows.map(({ provider, reporting, ...row }) => {
    return { ...row, providerCents: Number(provider), reportingCents: Number(reporting) };
  });
}

/** From the beginning of the month before to the end of the month: where the cause of a change may lie. */
export function windowOf(period: Period): { from: Period; until: Period } {
  return { from: previousPeriod(period), until: nextPeriod(period) };
}
