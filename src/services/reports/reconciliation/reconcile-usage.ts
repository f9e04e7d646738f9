import type { App } from '../../../context.js';
import { BILLING_KINDS, type BillingKind } from '../../../core/metering/billing-kind.js';
import { TOTAL_SCALE } from '../../../core/metering/metering.js';
import type { DecimalText } from '../../../core/money/decimal-text.js';
import { DUST, USAGE_STATUSES, type UsageStatus } from '../../../core/reports/reconcile.js';
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
import { BILLED_DEPLOYMENTS, PARTLY_UNBILLED } from './unbilled-usage.js';

/** The share of a month's allowance that a line of base or addon granted: that of its days, if the line has no other. */
const SHARE = `coalesce((line.meta ->> 'allowanceShare')::numeric,
  (line.meta ->> 'daysBilled')::numeric / (line.meta ->> 'daysInMonth')::numeric, 1)`;

/** One billing kind of one deployment: what was metered beside what was invoiced. */
export interface UsageFinding {
  readonly deploymentId: string;
  readonly kind: BillingKind;
  readonly status: UsageStatus;
  readonly metered: DecimalText;
  /** The part of it on days without a live subscription. */
  readonly unbilled: DecimalText;
  readonly invoiced: DecimalText;
}

/** Each (deployment, kind) that was metered or priced, once. Its status is `usageStatus` of core. */
const FINDINGS = `billed_deployments as (${BILLED_DEPLOYMENTS}), partly as materialized (
    ${PARTLY_UNBILLED}
  ), metered as (
    -- Without any billed day all of it is unbilled, and still what an invoice is compared with.
    select deployment_id, kind, round(total.quantity, ${TOTAL_SCALE}) as total,
      round(total.quantity - coalesce(partly.quantity, 0), ${TOTAL_SCALE}) as quantity,
      round(case when billed_deployments.deployment_id is null then total.quantity else coalesce(partly.quantity, 0) end,
        ${TOTAL_SCALE}) as unbilled
    from (select usage.deployment_id, usage.kind, sum(usage.quantity) as quantity from usage_records usage
      where usage.period_start >= $1::date::timestamp at time zone 'UTC' and usage.period_start < $2::date::timestamp at time zone 'UTC'
      group by usage.deployment_id, usage.kind) total
    left join partly using (deployment_id, kind) left join billed_deployments using (deployment_id)
  ), line as not materialized (
    select line.deployment_id, line.kind, line.billing_kind, line.currency, line.meta
    from invoices invoice join invoice_lines line on line.invoice_id = invoice.id
    where invoice.period = $1::date and invoice.status <> 'void' and line.deployment_id is not null
  ), billed as (
    -- "offset 0" keeps what is hashed narrow: quantities, not the whole record of the line.
    select used.deployment_id, used.kind, sum(used.quantity) as quantity, coalesce(max(used.month), sum(used.quantity)) as month,
      coalesce(max(used.unpriced), 0) as unpriced from (
      select line.deployment_id, line.billing_kind as kind, (line.meta ->> 'used')::numeric as quantity,
        (line.meta #>> '{month,used}')::numeric as month, (line.meta #>> '{month,unpriced}')::numeric as unpriced
      from line where line.kind = 'overage' offset 0) used
    group by used.deployment_id, used.kind
  ), granted as (
    select line.deployment_id, line.billing_kind as kind, sum((line.meta ->> 'addonQuantity')::numeric * ${SHARE}) as quantity
    from line where line.kind = 'addon' group by line.deployment_id, line.billing_kind
  ), included as (
    select line.deployment_id, item.kind, sum(item.included_quantity * ${SHARE}) as quantity
    from line join plan_items item on item.plan_version_id = (line.meta ->> 'planVersionId')::uuid
    where line.kind = 'plan_base' group by line.deployment_id, item.kind
  ), invoiced as (
    -- Addons and overage stand under a plan always. The version in force last: of texts that begin with their last day, the greatest.
    select line.deployment_id, max(line.currency) as currency,
      right(max((line.meta ->> 'lastDay') || (line.meta ->> 'planVersionId')), 36)::uuid as plan_version_id,
      -- Lines with a share of their own priced the usage of all days, those without a live subscription too.
      bool_or(line.meta ? 'allowanceShare') as prices_all_days
    from line where line.kind in ('plan_base', 'llm_usage') group by line.deployment_id
  ), priced as (
    select price.kind, price.currency, min(price.effective_from) as since from resource_prices price
    where price.effective_from < $2::date group by price.kind, price.currency
  ), facts as (
    select deployment_id, kind, metered.total, case when invoiced.prices_all_days then 0 else metered.unbilled end as unbilled,
      case when invoiced.prices_all_days then metered.total else metered.quantity end as metered, billed.quantity as billed, billed.month,
      billed.unpriced, invoiced.deployment_id is not null as is_invoiced,
      round(coalesce(included.quantity, 0) + coalesce(granted.quantity, 0), ${TOTAL_SCALE}) as allowance,
      case when invoiced.plan_version_id is null then 'never'
        when item.kind is not null then case when item.hard_cap_quantity = 0 then 'free' when item.overage_price_cents is null then 'never'
          else 'always' end
        when priced.since is null then 'never' when priced.since <= $1::date then 'always' else 'partly' end as pricing
    from metered full join billed using (deployment_id, kind) left join invoiced using (deployment_id)
    left join granted using (deployment_id, kind) left join included using (deployment_id, kind)
    left join plan_items item using (plan_version_id, kind) left join priced using (kind, currency)
  ), finding as (
    select deployment_id, kind, total, unbilled, billed, case
      when metered is null then 'not_metered'
      when billed is not null then case when unpriced > 0 then 'unpriced' when abs(metered - month) <= ${DUST} then 'billed'
        when pricing = 'partly' then 'unpriced' else 'changed' end
      when total = 0 then 'covered'
      when not is_invoiced then 'not_invoiced'
      when pricing = 'free' or metered <= allowance then 'covered'
      when pricing = 'never' then 'unpriced' else 'changed' end as status
    from facts
  )`;

/** How many findings of each status there are, those with none too; and so how much of the month is in order. */
export async function countUsageFindings(
  app: Pick<App, 'reads'>,
  period: Period,
): Promise<{ status: UsageStatus; count: number }[]> {
  const rows = await app.reads.reports.query<{ status: UsageStatus; count: number }>(
    `with ${FINDINGS} select status, count(*)::int as count from finding group by status`,
    [period, nextPeriod(period)],
  );
  const counts = new Map(rows.map((row) => [row.status, row.count]));
  return USAGE_STATUSES.map((status) => ({ status, count: counts.get(status) ?? 0 }));
}

/** By deployment, then kind. */
export async function listUsageFindings(
  app: Pick<App, 'reads'>,
  period: Period,
  statuses: readonly UsageStatus[] | null,
  request: PageRequest,
): Promise<Page<UsageFinding>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isUuid, (part) => BILLING_KINDS.some((kind) => kind === part)]);
  const rows = await app.reads.reports.query<UsageFinding>(
    `with ${FINDINGS}
     select deployment_id as "deploymentId", kind, status, trim_scale(coalesce(total, 0))::text as metered,
       trim_scale(coalesce(unbilled, 0))::text as unbilled,
       trim_scale(coalesce(billed, 0))::text as invoiced
     from finding where ($3::text[] is null or status = any($3::text[]))
       and ($4::uuid is null or (deployment_id, kind) > ($4::uuid, $5::text))
     order by deployment_id, kind limit $6`,
    [period, nextPeriod(period), statuses, after?.[0] ?? null, after?.[1] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.deploymentId, row.kind]));
}
