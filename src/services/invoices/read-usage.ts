import { z } from 'zod';
import { groupBy } from '../../core/lists/group-by.js';
import { BILLING_KINDS } from '../../core/metering/billing-kind.js';
import type { DayUsage } from '../../core/pricing/overage-lines.js';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import { type Day, type DayRange, nextPeriod, type Period } from '../../core/time/period.js';
import type { Queries } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';

const UsageRow = rowShape({
  deploymentId: z.string(),
  kind: z.enum(BILLING_KINDS),
  /** How many cuts lie before the days of the row. */
  pricePlace: z.int(),
  billingPlace: z.int(),
  quantity: z.string(),
});

/**
 * Usage of a month by deployment, as exact sums of days. The days of one sum have one kind, one price, and are all billed or
 * all not billed: usage is cut where the price of its kind changes and where the deployment's billed days begin and end.
 */
export async function readUsage(
  queries: Queries,
  period: Period,
  segments: readonly (DayRange & { readonly deploymentId: string })[],
  resourcePrices: readonly ResourcePrice[],
): Promise<Map<string, DayUsage[]>> {
  const end = nextPeriod(period);
  const isWithin = (day: Day | null): day is Day => day !== null && day > period && day < end;
  const priced = cutsBy(resourcePrices, ({ kind, effectiveFrom }) => [kind, [effectiveFrom].filter(isWithin)]);
  const billed = cutsBy(segments, ({ deploymentId, from, until }) => [deploymentId, [from, until].filter(isWithin)]);
  const deploymentIds = [...new Set(segments.map((segment) => segment.deploymentId))];
  const price = cutSql({ name: 'price', type: 'text', column: 'kind' }, priced);
  const billing = cutSql({ name: 'billing', type: 'uuid', column: 'deployment_id' }, billed);
  const rows = await queries.many(
    UsageRow,
    sql`/* read-usage */ select usage.deployment_id as "deploymentId", usage.kind, ${price.place} as "pricePlace",
       ${billing.place} as "billingPlace", trim_scale(sum(usage.quantity))::text as quantity
     from usage_records usage ${price.join} ${billing.join}
     where usage.deployment_id = any(${deploymentIds}::uuid[]) and usage.period_start >= ${`${period}T00:00:00Z`}::timestamptz
       and usage.period_start < ${`${end}T00:00:00Z`}::timestamptz
     group by 1, 2, 3, 4`,
  );
  const days = rows.map(({ deploymentId, kind, quantity, pricePlace, billingPlace }) => {
    const starts = [priced.get(kind)?.[pricePlace - 1], billed.get(deploymentId)?.[billingPlace - 1]];
    const day =
      starts
        .filter((start) => start !== undefined)
        .sort()
        .at(-1) ?? period;
    return { deploymentId, kind, quantity, day };
  });
  return groupBy(days, (usage) => usage.deploymentId);
}

/** The days on which something changes for each key, in order; a key without any is left out. */
function cutsBy<Row>(
  rows: readonly Row[],
  cutsOf: (row: Row) => readonly [key: string, days: readonly Day[]],
): Map<string, Day[]> {
  const cuts = new Map<string, Set<Day>>();
  for (const row of rows) {
    const [key, days] = cutsOf(row);
    if (days.length > 0) cuts.set(key, new Set([...(cuts.get(key) ?? []), ...days]));
  }
  return new Map([...cuts].map(([key, days]) => [key, [...days].sort()]));
}

/** How many cuts of its key lie before a usage record; without any cut nothing is joined. */
function cutSql(
  { name, type, column }: { name: string; type: string; column: string },
  cuts: ReadonlyMap<string, readonly Day[]>,
): { join: Sql; place: Sql } {
  if (cuts.size === 0) return { join: sql``, place: sql`0::int` };
  const rows = [...cuts].map(([key, days]) => ({ key, cuts: days.map((day) => `${day}T00:00:00Z`) }));
  return {
    join: sql`left join jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as ${rawSql(`${name}(key ${type}, cuts timestamptz[]) on ${name}.key = usage.${column}`)}`,
    place: sql`width_bucket(usage.period_start, coalesce(${rawSql(name)}.cuts, '{}'))`,
  };
}
