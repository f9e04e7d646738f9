import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import { groupBy } from '../../core/lists/group-by.js';
import { BILLING_KINDS, type BillingKind } from '../../core/metering/billing-kind.js';
import { TOTAL_SCALE } from '../../core/metering/metering.js';
import type { UsageDays } from '../../core/pricing/priced-line.js';
import { parseDay } from '../../core/time/period.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';
import { UsageRecord } from '../../entities/usage-record.js';
import { BadUserInputError, NotFoundError } from '../../errors.js';
import { findDeployments } from '../deployments/list-deployments.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';

/** Whole days, both ends included. */
export interface DaySpan {
  readonly from: string;
  readonly to: string;
}

/** Which records are listed. */
export interface UsageFilter extends DaySpan {
  /** Left out: every kind. */
  readonly kind?: BillingKind;
  /** Left out: every day of the span. */
  readonly days?: readonly UsageDays[];
}

const TotalRow = rowWith(rowOf(UsageRecord, ['deploymentId', 'kind']), { quantity: z.string() });

export interface UsageTotals {
  readonly deploymentId: string;
  /** By billing kind, in their order. */
  readonly totals: readonly RowOf<typeof TotalRow>[];
}

/**
 * Metered totals of each deployment that has any. The caller has checked that the viewer may see the deployments. Throws
 * BAD_USER_INPUT.
 */
export async function findUsageTotals(
  app: Pick<App, 'reads'>,
  deploymentIds: readonly string[],
  span: DaySpan,
): Promise<UsageTotals[]> {
  const rows = await app.reads.many(
    TotalRow,
    sql`/* find-usage-totals */ select usage.deployment_id as "deploymentId", usage.kind,
       trim_scale(round(sum(usage.quantity), ${rawSql(String(TOTAL_SCALE))}))::text as quantity
     from usage_records usage where usage.deployment_id = any(${deploymentIds}::uuid[]) and ${isWithin(span)}
     group by usage.deployment_id, usage.kind`,
  );
  rows.sort((a, b) => BILLING_KINDS.indexOf(a.kind) - BILLING_KINDS.indexOf(b.kind));
  return [...groupBy(rows, (row) => row.deploymentId)].map(([deploymentId, totals]) => ({ deploymentId, totals }));
}

const RecordColumns = rowOf(UsageRecord, ['id', 'deploymentId', 'resourceId', 'kind', 'granularity', 'periodStart']);
const UsageRecordRow = rowWith(RecordColumns, { quantity: z.string() });
export type UsageRecordRow = RowOf<typeof UsageRecordRow>;

const recordList = sortedList({
  name: 'list-usage-records',
  row: UsageRecordRow,
  select: sql`${RecordColumns.columns('usage')}, trim_scale(usage.quantity)::text as quantity`,
  from: sql`usage_records usage`,
  keys: [
    { column: 'usage.period_start', type: 'instant' },
    { column: 'usage.id', type: 'bigint' },
  ],
  direction: 'asc',
});

/** The records of a deployment, oldest first. Throws NOT_FOUND, also for another tenant's deployment, and BAD_USER_INPUT. */
export async function listUsageRecords(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  deploymentId: string,
  { kind, days, ...span }: UsageFilter,
): Promise<PagedList<UsageRecordRow>> {
  const [deployment] = await findDeployments(app, viewer, [deploymentId]);
  if (!deployment) throw new NotFoundError('deployment', deploymentId);
  const conditions = [sql`usage.deployment_id = ${deploymentId}`, isWithin(span)];
  if (kind) conditions.push(sql`usage.kind = ${kind}`);
  if (days) {
    conditions.push(sql`exists (select from jsonb_to_recordset(${JSON.stringify(days)}::jsonb) as day("from" date, "to" date)
      where (usage.period_start at time zone 'UTC')::date between day."from" and day."to")`);
  }
  return recordList(app.reads, conditions);
}

/** Throws BAD_USER_INPUT if a day is malformed or `to` is before `from`. */
function isWithin(span: DaySpan): Sql {
  const [from, to] = [parseDay(span.from, 'from'), parseDay(span.to, 'to')];
  if (to < from) throw BadUserInputError.at('to', 'is before `from`');
  return sql`usage.period_start >= ${from}::date::timestamp at time zone 'UTC'
    and usage.period_start < (${to}::date + 1)::timestamp at time zone 'UTC'`;
}
