import { groupBy } from '../../core/lists/group-by.js';
import type { DayUsage } from '../../core/pricing/overage-lines.js';
import type { ResourcePrice } from '../../core/pricing/plan.js';
import { type Day, type DayRange, nextPeriod, type Period } from '../../core/time/period.js';
import { Parameters, type Reads } from '../../database/reads.js';

/**
 * Usage of a month by deployment: exact sums of the days of one kind on which one price holds and that are all billed or all
 * not. So it is cut where the price of that kind changes, and where the deployment's billed days begin and end.
 */
export async function readUsage(
  sql: Pick<Reads, 'query'>,
  period: Period,
  segments: readonly (DayRange & { readonly deploymentId: string })[],
  resourcePrices: readonly ResourcePrice[],
): Promise<Map<string, DayUsage[]>> {
  const end = nextPeriod(period);
  const isWithin = (day: Day | null): day is Day => day !== null && day > period && day < end;
  const priced = cutsBy(resourcePrices, ({ kind, effectiveFrom }) => [kind, [effectiveFrom].filter(isWithin)]);
  const billed = cutsBy(segments, ({ deploymentId, from, until }) => [deploymentId, [from, until].filter(isWithin)]);
  const parameters = new Parameters();
  const ids = parameters.add([...new Set(segments.map((segment) => segment.deploymentId))]);
  const [first, last] = [parameters.add(`${period}T00:00:00Z`), parameters.add(`${end}T00:00:00Z`)];
  const price = cutSql(parameters, { name: 'price', type: 'text', column: 'kind' }, priced);
  const billing = cutSql(parameters, { name: 'billing', type: 'uuid', column: 'deployment_id' }, billed);
  const rows = await sql.query<UsageRow>(
    `select usage.deployment_id as "deploymentId", usage.kind, ${price.place} as "pricePlace", ${billing.place} as "billingPlace",
       trim_scale(sum(usage.quantity))::text as quantity
     from usage_records usage ${price.join} ${billing.join}
     where usage.deployment_id = any(${ids}::uuid[]) and usage.period_start >= ${first}::timestamptz
       and usage.period_start < ${last}::timestamptz
     group by 1, 2, 3, 4`,
    parameters.values,
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

interface UsageRow extends Omit<DayUsage, 'day'> {
  readonly deploymentId: string;
  /** How many cuts lie before the days of the row. */
  readonly pricePlace: number;
  readonly billingPlace: number;
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
  parameters: Parameters,
  { name, type, column }: { name: string; type: string; column: string },
  cuts: ReadonlyMap<string, readonly Day[]>,
): { join: string; place: string } {
  if (cuts.size === 0) return { join: '', place: '0::int' };
  const rows = [...cuts].map(([key, days]) => ({ key, cuts: days.map((day) => `${day}T00:00:00Z`) }));
  const list = parameters.add(JSON.stringify(rows));
  return {
    join: `left join jsonb_to_recordset(${list}::jsonb) as ${name}(key ${type}, cuts timestamptz[]) on ${name}.key = usage.${column}`,
    place: `width_bucket(usage.period_start, coalesce(${name}.cuts, '{}'))`,
  };
}
