import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import { type Day, dayOf, nextPeriod, type Period, parsePeriod, periodOf } from '../../core/time/period.js';
import { rowOf } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { Invoice } from '../../entities/invoice.js';
import { BadUserInputError } from '../../errors.js';
import { listResourcePrices } from '../catalog/list-catalog.js';
import { listUnbillableCharges, type UnbillableCharges } from '../metering/charge-terms.js';
import { type HeldMonthRow, listHeldMonths } from './held-months.js';
import { DraftError, type FailedDraft, resolveRollUpFailures, saveRollUpFailures } from './roll-up-failures.js';
import { findUnmeteredDays, UnmeteredDaysError } from './unmetered-days.js';
import { type DraftOutcome, type DraftRequest, type InvoiceKey, writeDrafts } from './write-drafts.js';

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

/** Invoices that are written in one transaction: few enough that it stays short. */
const BATCH = 100;

/**
 * Drafts the invoices of a month that has ended. An invoice that cannot be drafted is saved as a failure and stops no other.
 * Throws UnmeteredDaysError if days of the month are not metered, unless `allowUnmetered`.
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
  const keys = await findInvoicesToDraft(app, period, request);
  const terms = {
    period,
    resourcePrices: await listResourcePrices(app.reads, null),
    gstRate: app.config.gstRate,
    isRewritten: (draftedAt: Date) => isRewritten(request, draftedAt),
  };
  const counts: Record<DraftOutcome, number> = { created: 0, skipped: 0, replaced: 0, nothing: 0 };
  const failed: FailedDraft[] = [];
  const drafted: InvoiceKey[] = [];
  const requestId = request.requestId ?? randomUUID();
  for (let start = 0; start < keys.length; start += BATCH) {
    const failures: FailedDraft[] = [];
    for (const { key, outcome, error } of await draftBatch(app, terms, keys.slice(start, start + BATCH))) {
      if (outcome) {
        counts[outcome] += 1;
        drafted.push(key);
      } else {
        failures.push(toFailure(key, error));
        app.log.error({ err: error, ...key, period, requestId }, 'invoice not drafted');
      }
    }
    await saveRollUpFailures(app, { period, requestId, at: app.clock() }, failures);
    failed.push(...failures);
  }
  // Once for all batches. A roll-up that is killed before this leaves failures unresolved until the next roll-up, never the reverse.
  await resolveRollUpFailures(app, { period, at: app.clock() }, drafted);
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

function toFailure({ tenantId, currency }: InvoiceKey, error: unknown): FailedDraft {
  const deploymentId = error instanceof DraftError ? error.deploymentId : null;
  return { tenantId, currency, deploymentId, reason: error instanceof Error ? error.message : String(error) };
}

interface KeyOutcome {
  readonly key: InvoiceKey;
  readonly outcome?: DraftOutcome;
  readonly error?: unknown;
}

type Terms = Omit<DraftRequest, 'keys' | 'at'>;

/** One transaction for all of them. If that fails, one transaction each, so that only the broken invoice is left out. */
async function draftBatch(app: RollUpApp, terms: Terms, keys: readonly InvoiceKey[]): Promise<KeyOutcome[]> {
  try {
    const request = { ...terms, keys, at: app.clock() };
    const outcomes = await app.db.transaction((db) => writeDrafts(db, request));
    return keys.map((key, i) => ({ key, outcome: outcomes[i] as DraftOutcome }));
  } catch (error) {
    const [only, ...others] = keys;
    if (only !== undefined && others.length === 0) return [{ key: only, error }];
    app.log.warn({ err: error, invoices: keys.length, period: terms.period }, 'drafting these one by one');
  }
  const outcomes: KeyOutcome[] = [];
  for (const key of keys) outcomes.push(...(await draftBatch(app, terms, [key])));
  return outcomes;
}

const InvoiceKeyRow = rowOf(Invoice, ['tenantId', 'currency']);

/** Tenants and currencies with a billed day in the month, with a charge that no invoice has, or with a draft to rewrite. In order. */
async function findInvoicesToDraft(
  app: Pick<App, 'reads'>,
  period: Period,
  { tenantId, force, staleBefore }: Omit<RollUpRequest, 'period'>,
): Promise<InvoiceKey[]> {
  const [first, end, tenant] = [shared(period), shared(nextPeriod(period)), shared(tenantId)];
  return app.reads.many(
    InvoiceKeyRow,
    sql`/* find-invoices-to-draft */ select deployment.tenant_id as "tenantId", version.currency from deployments deployment
     join subscriptions subscription on subscription.deployment_id = deployment.id
     join subscription_segments segment on segment.subscription_id = subscription.id
     join plan_versions version on version.id = segment.plan_version_id
     where (${tenant}::text is null or deployment.tenant_id = ${tenant}) and segment.from_day < ${end}::date
       and (segment.until_day is null or segment.until_day > greatest(${first}::date, segment.from_day))
     union
     select deployment.tenant_id, event.currency from llm_usage_events event
     join deployments deployment on deployment.id = event.deployment_id
     where (${tenant}::text is null or deployment.tenant_id = ${tenant}) and event.invoice_id is null
       and event.occurred_at < ${end}::date::timestamp at time zone 'UTC'
     union
     select draft.tenant_id, draft.currency from invoices draft
     where ${force || staleBefore !== undefined} and (${tenant}::text is null or draft.tenant_id = ${tenant})
       and draft.period = ${first}::date and draft.status = 'draft'
     order by 1, 2`,
  );
}
