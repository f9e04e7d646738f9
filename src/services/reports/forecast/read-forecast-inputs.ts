import { z } from 'zod';
import { groupBy } from '../../../core/lists/group-by.js';
import { CURRENCIES } from '../../../core/money/money.js';
import type { DayUsage } from '../../../core/pricing/overage-lines.js';
import type { ResourcePrice } from '../../../core/pricing/plan.js';
import { asKnownOn } from '../../../core/reports/as-known-on.js';
import type { DailyLlmCharge, DeploymentForecastInputs } from '../../../core/reports/forecast.js';
import { RUN_RATE_DAYS } from '../../../core/reports/run-rate.js';
import { addDays, type Day, earlierDay, nextPeriod, type Period } from '../../../core/time/period.js';
import { DayShape } from '../../../core/time/period-shapes.js';
import type { Queries } from '../../../database/queries.js';
import type { Reads } from '../../../database/reads.js';
import { rowShape } from '../../../database/row-shape.js';
import { shared, sql } from '../../../database/sql.js';
import { readLlmCharges } from '../../invoices/read-llm-charges.js';
import { readMonths } from '../../invoices/read-months.js';
import { IS_CHARGED, PLAN_ON_DAY, planCurrencies } from '../../metering/charge-terms.js';

type Sql = Queries & Pick<Reads, 'query'>;

/** One month, seen from its day `asOf`, the first that is not complete. */
export interface ForecastPoint {
  readonly period: Period;
  readonly asOf: Day;
  /** Whether `asOf` is past, so that what became known since has to be left out. */
  readonly isPast: boolean;
}

/** Tenants whose days are read together. */
const CHUNK = 200;

/** What can be said of each deployment's month on that day; a chunk of tenants at a time, in the order of their ids. */
export async function* readForecastInputs(
  sql: Sql,
  point: ForecastPoint,
  tenantIds: readonly string[],
  resourcePrices: readonly ResourcePrice[],
): AsyncGenerator<DeploymentForecastInputs> {
  const inOrder = [...tenantIds].sort();
  for (let start = 0; start < inOrder.length; start += CHUNK) {
    yield* await readChunk(sql, point, inOrder.slice(start, start + CHUNK), resourcePrices);
  }
}

async function readChunk(
  sql: Sql,
  point: ForecastPoint,
  tenantIds: readonly string[],
  resourcePrices: readonly ResourcePrice[],
): Promise<DeploymentForecastInputs[]> {
  const { period, asOf, isPast } = point;
  const [months, usage, daily, charges] = await Promise.all([
    readMonths(sql, period, tenantIds, resourcePrices),
    readDailyUsage(sql, point, tenantIds),
    readDailyCharges(sql, point, tenantIds),
    readLlmCharges(sql, period, tenantIds, isPast ? addDays(asOf, 1) : null),
  ]);
  const usageOf = groupBy(usage, (row) => row.deploymentId);
  const dailyOf = groupBy(daily, (row) => row.deploymentId);
  const lateOf = groupBy(
    charges.filter((charge) => charge.period < period),
    (row) => row.deploymentId,
  );
  const subscriptionsOf = new Map(months.map((month) => [month.deploymentId, month.subscriptions]));
  const ids = new Set([...subscriptionsOf.keys(), ...dailyOf.keys(), ...lateOf.keys()]);
  return [...ids].sort().map((deploymentId) => {
    const subscriptions = subscriptionsOf.get(deploymentId) ?? [];
    return {
      deploymentId,
      subscriptions: isPast ? subscriptions.map((one) => asKnownOn(one, asOf)) : subscriptions,
      usage: usageOf.get(deploymentId) ?? [],
      dailyLlmCharges: dailyOf.get(deploymentId) ?? [],
      lateLlmCharges: lateOf.get(deploymentId) ?? [],
    };
  });
}

/** Complete days of the month, and those before it that the run rate looks at. */
function observedDays({ period, asOf }: ForecastPoint): [from: Day, until: Day] {
  return [earlierDay(period, addDays(asOf, -RUN_RATE_DAYS)), earlierDay(asOf, nextPeriod(period))];
}

async function readDailyUsage(
  sql: Sql,
  point: ForecastPoint,
  tenantIds: readonly string[],
): Promise<(DayUsage & { readonly deploymentId: string })[]> {
  return sql.query(
    `select usage.deployment_id as "deploymentId", usage.kind, (usage.period_start at time zone 'UTC')::date::text as day,
       trim_scale(sum(usage.quantity))::text as quantity
     from usage_records usage join deployments deployment on deployment.id = usage.deployment_id
     where deployment.tenant_id = any($1::text[]) and usage.period_start >= $2::date::timestamp at time zone 'UTC'
       and usage.period_start < $3::date::timestamp at time zone 'UTC'
     group by 1, 2, 3`,
    [tenantIds, ...observedDays(point)],
  );
}

const DailyCharge = rowShape({
  deploymentId: z.string(),
  day: DayShape,
  currency: z.enum(CURRENCIES),
  requestCount: z.int(),
  quantity: z.string(),
});

async function readDailyCharges(
  reads: Sql,
  point: ForecastPoint,
  tenantIds: readonly string[],
): Promise<(DailyLlmCharge & { readonly deploymentId: string })[]> {
  const tenants = shared(tenantIds);
  const [from, until] = observedDays(point);
  return reads.many(
    DailyCharge,
    sql`/* read-daily-charges */
     with plan as materialized (${planCurrencies(sql`deployment.tenant_id = any(${tenants}::text[])`)})
     select event.deployment_id as "deploymentId", (event.occurred_at at time zone 'UTC')::date::text as day, event.currency,
       count(*)::int as "requestCount", trim_scale(sum(event.charge))::text as quantity
     from llm_usage_events event join deployments deployment on deployment.id = event.deployment_id
     left join plan on plan.deployment_id = event.deployment_id and ${PLAN_ON_DAY}
     where (plan.currency is null or plan.currency = event.currency) and ${IS_CHARGED} and deployment.tenant_id = any(${tenants}::text[]) and event.occurred_at >= ${from}::date::timestamp at time zone 'UTC'
       and event.occurred_at < ${until}::date::timestamp at time zone 'UTC'
       and (not ${point.isPast} or event.recorded_at < (${point.asOf}::date + 1)::timestamp at time zone 'UTC')
     group by 1, 2, 3`,
  );
}
