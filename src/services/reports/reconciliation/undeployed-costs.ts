import type { App } from '../../../context.js';
import type { Currency, Money } from '../../../core/money/money.js';
import type { Period } from '../../../core/time/period.js';
import {
  decodeCursor,
  encodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../../paging/keyset.js';

/** What a resource that belongs to no deployment cost in a month, in the provider's currency. */
export interface UndeployedCost {
  readonly resourceId: string;
  readonly cost: Money;
  readonly lineCount: number;
}

const COSTS = `cost as (
    select line.resource_id, line.currency, sum(line.amount_cents) as cents, count(*)::int as line_count
    from live_cost_lines line join cloud_resources resource on resource.id = line.resource_id
    where line.period = $1::date and resource.deployment_id is null group by line.resource_id, line.currency
    having sum(line.amount_cents) <> 0
  )`;

/** The dearest first; those that are gone from the provider, too. */
export async function listUndeployedCosts(
  app: Pick<App, 'reads'>,
  period: Period,
  request: PageRequest,
): Promise<Page<UndeployedCost>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,18}$/.test(part), isUuid, (part) => part.length === 3]);
  const rows = await app.reads.reports.query<{
    resourceId: string;
    currency: Currency;
    cents: string;
    lineCount: number;
  }>(
    `with ${COSTS}
     select resource_id as "resourceId", currency, cents::text, line_count as "lineCount" from cost
     where $2::bigint is null or (-cents, resource_id, currency) > (-$2::bigint, $3::uuid, $4::text)
     order by -cents, resource_id, currency limit $5`,
    [period, after?.[0] ?? null, after?.[1] ?? null, after?.[2] ?? null, limit],
  );
  const costs = rows.map(({ resourceId, currency, cents, lineCount }) => {
    return { resourceId, cost: { cents: Number(cents), currency }, lineCount };
  });
  return toPage(request, costs, ({ resourceId, cost }) =>
    encodeCursor([String(cost.cents), resourceId, cost.currency]),
  );
}

export interface UndeployedTotal {
  readonly resourceCount: number;
  readonly cost: Money;
}

/** One for each currency that the provider bills in. */
export async function totalUndeployedCosts(app: Pick<App, 'reads'>, period: Period): Promise<UndeployedTotal[]> {
  const rows = await app.reads.reports.query<{ resourceCount: number; currency: Currency; cents: string }>(
    `with ${COSTS} select count(*)::int as "resourceCount", currency, sum(cents)::text as cents from cost group by currency order by currency`,
    [period],
  );
  return rows.map(({ resourceCount, currency, cents }) => ({
    resourceCount,
    cost: { cents: Number(cents), currency },
  }));
}
