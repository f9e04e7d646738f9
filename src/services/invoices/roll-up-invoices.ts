import type { App } from '../../context.js';
import {
  dayOf,
  nextPeriod,
  type Period,
  parsePeriod,
  periodOf,
  previousPeriod,
  startOfDay,
} from '../../core/period.js';
import type { ResourcePrice } from '../../core/plan.js';
import { BadUserInputError } from '../../errors.js';
import { listResourcePrices } from '../catalog/list-catalog.js';
import { groupBy, readMonths } from './read-months.js';
import { type DraftOutcome, writeDraft } from './write-draft.js';

export interface RollUp {
  readonly created: number;
  readonly skipped: number;
  readonly replaced: number;
  readonly failed: readonly { readonly tenantId: string; readonly reason: string }[];
}

export interface RollUpRequest {
  /** Any day of the month. */
  readonly period: string;
  /** Null: every tenant. */
  readonly tenantId: string | null;
  readonly force: boolean;
}

type RollUpApp = Pick<App, 'db' | 'reads' | 'clock' | 'config' | 'log'>;

/** Tenants whose months are read together. */
const CHUNK = 100;

/** Drafts the invoices of a month, each tenant's in a transaction of its own: one that fails is named and stops no other. */
export async function rollUpInvoices(app: RollUpApp, request: RollUpRequest): Promise<RollUp> {
  const period = parsePeriod(request.period);
  if (period > periodOf(dayOf(app.clock()))) throw BadUserInputError.at('period', `${period} has not begun yet`);
  const tenantIds = await tenantsToBill(app, period, request);
  const resourcePrices = await listResourcePrices(app.reads, null);
  const counts: Record<DraftOutcome, number> = { created: 0, skipped: 0, replaced: 0, nothing: 0 };
  const failed: { tenantId: string; reason: string }[] = [];
  for (let start = 0; start < tenantIds.length; start += CHUNK) {
    const chunk = tenantIds.slice(start, start + CHUNK);
    const drafts = await draftChunk(app, { period, tenantIds: chunk, resourcePrices, force: request.force });
    for (const { tenantId, outcome, error } of drafts) {
      if (outcome) counts[outcome] += 1;
      else failed.push({ tenantId, reason: error instanceof Error ? error.message : String(error) });
      if (error) app.log.error({ err: error, tenantId, period }, 'invoice not drafted');
    }
  }
  const { created, skipped, replaced } = counts;
  app.log.info({ period, created, skipped, replaced, failed: failed.length }, 'invoices rolled up');
  return { created, skipped, replaced, failed };
}

interface ChunkRequest {
  readonly period: Period;
  readonly tenantIds: readonly string[];
  readonly resourcePrices: readonly ResourcePrice[];
  readonly force: boolean;
}

interface TenantOutcome {
  readonly tenantId: string;
  readonly outcome?: DraftOutcome;
  readonly error?: unknown;
}

async function draftChunk(app: RollUpApp, request: ChunkRequest): Promise<TenantOutcome[]> {
  const months = await readMonths(app.reads, request.period, request.tenantIds, request.resourcePrices);
  const outcomes: TenantOutcome[] = [];
  const byTenant = groupBy(months, (month) => month.tenantId);
  for (const tenantId of request.tenantIds) {
    const draft = {
      ...request,
      tenantId,
      months: byTenant.get(tenantId) ?? [],
      gstRate: app.config.gstRate,
      at: app.clock(),
    };
    try {
      outcomes.push({ tenantId, outcome: await app.db.transaction((db) => writeDraft(db, draft)) });
    } catch (error) {
      outcomes.push({ tenantId, error });
    }
  }
  return outcomes;
}

/** Tenants with a billed day in the month, a charge that no invoice has, or a draft to write anew. In order. */
async function tenantsToBill(
  app: Pick<App, 'reads'>,
  period: Period,
  { tenantId, force }: Pick<RollUpRequest, 'tenantId' | 'force'>,
): Promise<string[]> {
  const rows = await app.reads.query<{ tenantId: string }>(
    `select distinct deployment.tenant_id as "tenantId" from deployments deployment
     where ($3::text is null or deployment.tenant_id = $3)
       and (exists (select from subscriptions subscription join subscription_segments segment on segment.subscription_id = subscription.id
             where subscription.deployment_id = deployment.id and segment.from_day < $2::date
               and (segment.until_day is null or segment.until_day > greatest($1::date, segment.from_day)))
         or exists (select from llm_usage_events event where event.deployment_id = deployment.id and event.invoice_id is null
             and event.occurred_at < $2::date::timestamp at time zone 'UTC')
         or ($4 and exists (select from invoices draft where draft.tenant_id = deployment.tenant_id and draft.period = $1::date
             and draft.status = 'draft')))
     order by 1`,
    [period, nextPeriod(period), tenantId, force],
  );
  return rows.map((row) => row.tenantId);
}

const HOURS_AFTER_MONTH = 3;

/**
 * The schedule's run: last month, from 03:00 of the 1st on, until it was done for every tenant; made up for where nobody
 * was there to do it.
 */
export async function rollUpDuePeriod(app: RollUpApp): Promise<void> {
  const now = app.clock();
  const thisMonth = periodOf(dayOf(now));
  if (now.getTime() < startOfDay(thisMonth).getTime() + HOURS_AFTER_MONTH * 3_600_000) return;
  const period = previousPeriod(thisMonth);
  const [done] = await app.db.query('select from rolled_up_periods where period = $1', [period]);
  if (done) return;
  const { failed } = await rollUpInvoices(app, { period, tenantId: null, force: false });
  if (failed.length > 0) return;
  await app.db.query('insert into rolled_up_periods (period, rolled_up_at) values ($1, $2) on conflict do nothing', [
    period,
    now,
  ]);
}
