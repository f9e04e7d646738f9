import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import { type Day, dayOf, nextPeriod, type Period, parsePeriod, periodOf } from '../../core/time/period.js';
import { BadUserInputError } from '../../errors.js';
import { listResourcePrices } from '../catalog/list-catalog.js';
import { listUnbillableCharges, type UnbillableCharges } from '../metering/charge-terms.js';
import { type HeldMonthRow, listHeldMonths } from './held-months.js';
import { DraftError, type FailedDraft, keepRollUpFailures } from './roll-up-failures.js';
import { findUnmeteredDays, UnmeteredDaysError } from './unmetered-days.js';
import { type Billee, type DraftOutcome, type DraftRequest, writeDrafts } from './write-drafts.js';

export interface RollUp {
  readonly created: number;
  readonly skipped: number;
  readonly replaced: number;
  readonly failed: readonly FailedDraft[];
  /** Deployments of these tenants that are left out because their billing is suspended. */
  readonly held: readonly HeldMonthRow[];
  /** Days of the month whose usage the drafts lack; empty unless `allowUnmetered`. */
  readonly unmeteredDays: readonly Day[];
  /** Charges up to the month's end that no invoice can bill. */
  readonly unbillableCharges: readonly UnbillableCharges[];
}

export interface RollUpRequest {
  /** Any day of the month. */
  readonly period: string;
  /** Null: every tenant. */
  readonly tenantId: string | null;
  /** Every draft is written anew. */
  readonly force: boolean;
  /** Draft although days of the month are not metered. */
  readonly allowUnmetered: boolean;
  /** Drafts from before that are written anew without it. */
  readonly staleBefore?: Date;
  /** By which failures are found in the log; left out: a new one. */
  readonly requestId?: string;
}

type RollUpApp = Pick<App, 'db' | 'reads' | 'clock' | 'config' | 'log'>;

/** Tenants whose invoices are written in one transaction: few enough that it stays short. */
const BATCH = 100;

/**
 * Drafts the invoices of a month that has ended. A tenant that cannot be billed is named and kept as a
 * failure, and stops no other. Throws
 * UnmeteredDaysError if days of the month are not metered, unless `allowUnmetered`.
 */
export async function rollUpInvoices(app: RollUpApp, request: RollUpRequest): Promise<RollUp> {
  const period = parsePeriod(request.period);
  if (period >= periodOf(dayOf(app.clock()))) {
    throw BadUserInputError.at(
      'period',
      `${period.slice(0, 7)} has not ended; it ends on ${nextPeriod(period)} 00:00 UTC`,
    );
  }
  const unmeteredDays = await findUnmeteredDays(app, period);
  if (unmeteredDays.length > 0 && !request.allowUnmetered) throw new UnmeteredDaysError(period, unmeteredDays);
  const billees = await findBillees(app, period, request);
  const terms = {
    period,
    resourcePrices: await listResourcePrices(app.reads, null),
    gstRate: app.config.gstRate,
    isRewritten: (draftedAt: Date) => isRewritten(request, draftedAt),
  };
  const counts: Record<DraftOutcome, number> = { created: 0, skipped: 0, replaced: 0, nothing: 0 };
  const failed: FailedDraft[] = [];
  const requestId = request.requestId ?? randomUUID();
  for (let start = 0; start < billees.length; start += BATCH) {
    const outcomes = await draftBatch(app, terms, billees.slice(start, start + BATCH));
    const failures = outcomes.flatMap(({ billee, error }) => (error === undefined ? [] : [toFailure(billee, error)]));
    for (const { billee, outcome, error } of outcomes) {
      if (outcome) counts[outcome] += 1;
      else app.log.error({ err: error, ...billee, period, requestId }, 'invoice not drafted');
    }
    failed.push(...failures);
    const drafted = outcomes.filter(({ outcome }) => outcome !== undefined).map(({ billee }) => billee);
    await keepRollUpFailures(app, { period, requestId, at: app.clock(), drafted, failed: failures });
  }
  const { created, skipped, replaced } = counts;
  app.log.info({ period, created, skipped, replaced, failed: failed.length }, 'invoices rolled up');
  const unbillableCharges = await listUnbillableCharges(app.reads.reports, {
    before: nextPeriod(period),
    tenantId: request.tenantId,
  });
  if (unbillableCharges.length > 0) app.log.warn({ period, unbillableCharges }, 'LLM charges that no invoice can bill');
  const held = await listHeldMonths(app.reads.reports, period, request.tenantId);
  return { created, skipped, replaced, failed, held, unmeteredDays, unbillableCharges };
}

function isRewritten({ force, staleBefore }: RollUpRequest, draftedAt: Date): boolean {
  return force || (staleBefore !== undefined && draftedAt < staleBefore);
}

function toFailure({ tenantId, currency }: Billee, error: unknown): FailedDraft {
  const deploymentId = error instanceof DraftError ? error.deploymentId : null;
  return { tenantId, currency, deploymentId, reason: error instanceof Error ? error.message : String(error) };
}

interface TenantOutcome {
  readonly billee: Billee;
  readonly outcome?: DraftOutcome;
  readonly error?: unknown;
}

type Terms = Omit<DraftRequest, 'billees' | 'at'>;

/** One transaction for all of them; where that fails one for each, so that only what is broken stays out. */
async function draftBatch(app: RollUpApp, terms: Terms, billees: readonly Billee[]): Promise<TenantOutcome[]> {
  try {
    const request = { ...terms, billees, at: app.clock() };
    const outcomes = await app.db.transaction((db) => writeDrafts(db, request));
    return billees.map((billee, i) => ({ billee, outcome: outcomes[i] as DraftOutcome }));
  } catch (error) {
    const [only, ...others] = billees;
    if (only !== undefined && others.length === 0) return [{ billee: only, error }];
    app.log.warn({ err: error, invoices: billees.length, period: terms.period }, 'drafting these one by one');
  }
  const outcomes: TenantOutcome[] = [];
  for (const billee of billees) outcomes.push(...(await draftBatch(app, terms, [billee])));
  return outcomes;
}

/** A tenant and currency with a billed day in the month, a charge that no invoice has, or a draft to write anew. In order. */
async function findBillees(
  app: Pick<App, 'reads'>,
  period: Period,
  { tenantId, force, staleBefore }: Omit<RollUpRequest, 'period'>,
): Promise<Billee[]> {
  return app.reads.query<Billee>(
    `select deployment.tenant_id as "tenantId", version.currency from deployments deployment
     join subscriptions subscription on subscription.deployment_id = deployment.id
     join subscription_segments segment on segment.subscription_id = subscription.id
     join plan_versions version on version.id = segment.plan_version_id
     where ($3::text is null or deployment.tenant_id = $3) and segment.from_day < $2::date
       and (segment.until_day is null or segment.until_day > greatest($1::date, segment.from_day))
     union
     select deployment.tenant_id, event.currency from llm_usage_events event
     join deployments deployment on deployment.id = event.deployment_id
     where ($3::text is null or deployment.tenant_id = $3) and event.invoice_id is null
       and event.occurred_at < $2::date::timestamp at time zone 'UTC'
     union
     select draft.tenant_id, draft.currency from invoices draft
     where $4 and ($3::text is null or draft.tenant_id = $3) and draft.period = $1::date and draft.status = 'draft'
     order by 1, 2`,
    [period, nextPeriod(period), tenantId, force || staleBefore !== undefined],
  );
}
