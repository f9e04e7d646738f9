import type { App } from '../../../context.js';
import { BILLING_KINDS, type BillingKind } from '../../../core/metering/billing-kind.js';
import { TOTAL_SCALE } from '../../../core/metering/metering.js';
import type { DecimalText } from '../../../core/money/decimal-text.js';
import { nextPeriod, type Period } from '../../../core/time/period.js';
import {
  decodeCursor,
  encodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../../paging/keyset.js';

/** Usage of one kind of one deployment on days without a live subscription: no plan prices it. */
export interface UnbilledUsage {
  readonly deploymentId: string;
  readonly kind: BillingKind;
  readonly quantity: DecimalText;
}

const OF_MONTH = `usage.period_start >= $1::date::timestamp at time zone 'UTC'
  and usage.period_start < $2::date::timestamp at time zone 'UTC'`;

/** (deployment_id, is_whole): deployments with a billed day in the month from $1 up to $2, and whether one segment is all of it. */
export const BILLED_DEPLOYMENTS = `select subscription.deployment_id,
    bool_or(segment.from_day <= $1::date and (segment.until_day is null or segment.until_day >= $2::date)) as is_whole
  from subscriptions subscription join subscription_segments segment on segment.subscription_id = subscription.id
  where segment.from_day < $2::date and (segment.until_day is null or segment.until_day > greatest($1::date, segment.from_day))
  group by subscription.deployment_id`;

/** (deployment_id, kind, quantity): what deployments that are billed for a part of the month used on its other days. */
export const PARTLY_UNBILLED = `select usage.deployment_id, usage.kind, sum(usage.quantity) as quantity
  from billed_deployments join usage_records usage using (deployment_id)
  where not billed_deployments.is_whole and ${OF_MONTH} and not exists (
    select from subscriptions subscription join subscription_segments segment on segment.subscription_id = subscription.id
    where subscription.deployment_id = usage.deployment_id
      and segment.from_day <= (usage.period_start at time zone 'UTC')::date
      and (segment.until_day is null or segment.until_day > (usage.period_start at time zone 'UTC')::date))
  group by usage.deployment_id, usage.kind`;

/** All of it, that of deployments without any billed day too. */
const UNBILLED = `with billed_deployments as (${BILLED_DEPLOYMENTS}), unbilled as (
    ${PARTLY_UNBILLED}
    union all
    select usage.deployment_id, usage.kind, sum(usage.quantity) as quantity from usage_records usage
    where ${OF_MONTH} and usage.deployment_id not in (select deployment_id from billed_deployments)
    group by usage.deployment_id, usage.kind
  ), found as (
    select unbilled.* from unbilled join deployments deployment on deployment.id = unbilled.deployment_id
    where unbilled.quantity > 0 and ($3::text is null or deployment.tenant_id = $3)
  )`;

/** Of one tenant, or with null of all. By deployment, then kind. */
export async function listUnbilledUsage(
  app: Pick<App, 'reads'>,
  { period, tenantId }: { readonly period: Period; readonly tenantId: string | null },
  request: PageRequest,
): Promise<Page<UnbilledUsage>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isUuid, (part) => BILLING_KINDS.some((kind) => kind === part)]);
  const rows = await app.reads.reports.query<UnbilledUsage>(
    `${UNBILLED}
     select deployment_id as "deploymentId", kind, trim_scale(round(quantity, ${TOTAL_SCALE}))::text as quantity from found
     where $4::uuid is null or (deployment_id, kind) > ($4::uuid, $5::text) order by deployment_id, kind limit $6`,
    [period, nextPeriod(period), tenantId, after?.[0] ?? null, after?.[1] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.deploymentId, row.kind]));
}

export async function countUnbilledUsage(
  app: Pick<App, 'reads'>,
  { period, tenantId }: { readonly period: Period; readonly tenantId: string | null },
): Promise<number> {
  const [row] = await app.reads.reports.query<{ count: number }>(
    `${UNBILLED} select count(*)::int as count from found`,
    [period, nextPeriod(period), tenantId],
  );
  return row?.count ?? 0;
}
