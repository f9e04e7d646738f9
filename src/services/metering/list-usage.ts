import type { App, Viewer } from '../../context.js';
import { BILLING_KINDS, type BillingKind } from '../../core/metering/billing-kind.js';
import { TOTAL_SCALE } from '../../core/metering/metering.js';
import type { UsageDays } from '../../core/pricing/priced-line.js';
import { type Day, parseDay } from '../../core/time/period.js';
import type { UsageRecord } from '../../entities/usage-record.js';
import { BadUserInputError, NotFoundError } from '../../errors.js';
import { findDeployments } from '../deployments/list-deployments.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

/** Whole days, both ends included. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

/** What records are listed. */
export interface UsageFilter extends DaySpan {
  /** Left out: every kind. */
  readonly kind?: BillingKind;
  /** Left out: every day of the span. */
  readonly days?: readonly UsageDays[];
}

export interface UsageTotalRow {
  readonly kind: BillingKind;
  readonly quantity: string;
}

const WITHIN = `usage.deployment_id = $1 and usage.period_start >= $2::date::timestamp at time zone 'UTC'
  and usage.period_start < ($3::date + 1)::timestamp at time zone 'UTC'`;
const OF_KIND = `($4::text is null or usage.kind = $4) and ($5::jsonb is null or exists (
  select from jsonb_to_recordset($5::jsonb) as day("from" date, "to" date)
  where (usage.period_start at time zone 'UTC')::date between day."from" and day."to"))`;
const daysOf = ({ days }: UsageFilter) => (days ? JSON.stringify(days) : null);

/** Metered totals of one deployment. The caller has made sure that the viewer may see it. */
export async function totalUsage(
  app: Pick<App, 'reads'>,
  deploymentId: string,
  span: DaySpan,
): Promise<UsageTotalRow[]> {
  const [from, to] = checkSpan(span);
  const rows = await app.reads.query<UsageTotalRow>(
    `select usage.kind, trim_scale(round(sum(usage.quantity), ${TOTAL_SCALE}))::text as quantity
     from usage_records usage where ${WITHIN} group by usage.kind`,
    [deploymentId, from, to],
  );
  return rows.sort((a, b) => BILLING_KINDS.indexOf(a.kind) - BILLING_KINDS.indexOf(b.kind));
}

/** The single records, oldest first. Another tenant's deployment reads as none. */
export async function listUsageRecords(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  deploymentId: string,
  span: UsageFilter,
  request: PageRequest,
): Promise<Page<UsageRecord>> {
  await requireDeployment(app, viewer, deploymentId);
  const [from, to] = checkSpan(span);
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), isBigint]);
  const rows = await app.reads.query<UsageRecord & { sortKey: string }>(
    `select usage.id::text, usage.deployment_id as "deploymentId", usage.resource_id as "resourceId", usage.kind, usage.granularity,
       usage.period_start as "periodStart", trim_scale(usage.quantity)::text as quantity,
       (extract(epoch from usage.period_start) * 1000000)::bigint as "sortKey"
     from usage_records usage where ${WITHIN} and ${OF_KIND}
       and ($6::bigint is null or (usage.period_start, usage.id) > (timestamptz 'epoch' + $6::bigint * interval '1 microsecond', $7::bigint))
     order by usage.period_start, usage.id limit $8`,
    [deploymentId, from, to, span.kind ?? null, daysOf(span), after?.[0] ?? null, after?.[1] ?? null, limit],
  );
  return toPage<UsageRecord>(request, rows, (row) => encodeCursor([(row as (typeof rows)[number]).sortKey, row.id]));
}

export async function countUsageRecords(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  deploymentId: string,
  span: UsageFilter,
): Promise<number> {
  await requireDeployment(app, viewer, deploymentId);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from usage_records usage where ${WITHIN} and ${OF_KIND}`,
    [deploymentId, ...checkSpan(span), span.kind ?? null, daysOf(span)],
  );
  return row?.count ?? 0;
}

async function requireDeployment(app: Pick<App, 'reads'>, viewer: Viewer, id: string): Promise<void> {
  const [deployment] = await findDeployments(app, viewer, [id]);
  if (!deployment) throw new NotFoundError('deployment', id);
}

function checkSpan({ from, to }: DaySpan): [Day, Day] {
  const days: [Day, Day] = [parseDay(from, 'from'), parseDay(to, 'to')];
  if (days[1] < days[0]) throw BadUserInputError.at('to', 'is before `from`');
  return days;
}
