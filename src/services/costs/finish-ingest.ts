import { z } from 'zod';
import type { App } from '../../context.js';
import type { IngestTotals } from '../../core/costs/ingest-totals.js';
import { toMajorUnits } from '../../core/money/money.js';
import { type RetryPolicy, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { errorText } from '../../core/text/redact.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { DomainError, ProviderError } from '../../errors.js';
import { LeaseLostError } from '../leases/lease.js';
import { type Ingest, lost, releaseIngest } from './ingest-lease.js';
import { InvoiceCsvError } from './read-invoice-csv.js';

type FinishApp = Pick<App, 'db' | 'clock' | 'log'>;

/** For failures that may pass by themselves; attempts never end. */
const RETRY: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, firstDelaySeconds: 60, maxDelaySeconds: 3_600 };

const Failures = rowShape({ failures: z.int() });
const Progress = rowShape({ ingested: z.int(), known: z.int(), difference: z.string().nullable() });

export interface IngestResult {
  readonly totals: IngestTotals;
  readonly matchedCount: number;
}

/** Lets the new lines take the place of the old ones, in one short transaction. Throws IngestLostError if another worker has the invoice. */
export async function activateIngest(
  app: FinishApp,
  ingest: Ingest,
  { totals, matchedCount }: IngestResult,
): Promise<void> {
  await app.db.transaction(async (db) => {
    const held = await query(
      db,
    ).execute(sql`/* activate-ingest */ update cloud_invoices set ingest_status = 'ingested', ingested_at = ${app.clock()}, ingest_error = null, ingest_failures = 0,
         ingest_retry_at = null, ingest_lease_owner = null, ingest_lease_until = null, live_ingest_id = ${ingest.id},
         line_count = ${totals.lineCount}, matched_count = ${matchedCount}, lines_total_cents = ${totals.totalCents}, tax_cents = ${totals.taxCents},
         finance_attempts = 0, finance_next_attempt_at = null, finance_error = null
       where id = ${ingest.invoiceId} and ingest_status = 'ingesting' and ingest_attempt = ${ingest.attempt}`);
    if (held === 0) throw lost(ingest);
    await query(db).execute(
      sql`/* drop-live-ingest */ update cloud_invoice_ingests set state = 'dropped' where invoice_id = ${ingest.invoiceId} and state = 'live'`,
    );
    await query(db).execute(
      sql`/* mark-ingest-live */ update cloud_invoice_ingests set state = 'live' where id = ${ingest.id}`,
    );
  });
}

/** Ends an ingest that did not complete: the live lines stay, and the lines that it wrote are dropped. */
export async function endUnfinished(app: FinishApp, ingest: Ingest, err: unknown, signal: AbortSignal): Promise<void> {
  const about = { invoiceId: ingest.invoiceId, period: ingest.period };
  if (err instanceof LeaseLostError) {
    app.log.warn(about, 'cloud invoice went to another worker');
  } else if (signal.aborted) {
    await releaseIngest(app, ingest);
    app.log.info(about, 'ingest handed back: this process is stopping');
  } else {
    app.log.warn({ ...about, err }, 'cloud invoice not ingested');
    await fail(app, ingest, err);
  }
}

async function fail(app: FinishApp, ingest: Ingest, err: unknown): Promise<void> {
  await app.db.transaction(async (db) => {
    const failed = await query(db).maybeOne(
      Failures,
      sql`/* fail-ingest */ update cloud_invoices set ingest_status = 'failed', ingest_error = ${messageOf(err)}, ingest_failures = ingest_failures + 1,
         ingest_retry_at = null, ingest_lease_owner = null, ingest_lease_until = null
       where id = ${ingest.invoiceId} and ingest_status = 'ingesting' and ingest_attempt = ${ingest.attempt} returning ingest_failures as failures`,
    );
    await query(db).execute(
      sql`/* drop-failed-ingest */ update cloud_invoice_ingests set state = 'dropped' where id = ${ingest.id} and state = 'writing'`,
    );
    if (!failed || !mayPass(err)) return;
    const seconds = retryDelaySeconds(RETRY, failed.failures, requestedSeconds(err));
    await query(db).execute(
      sql`/* schedule-ingest-retry */ update cloud_invoices set ingest_retry_at = ${new Date(app.clock().getTime() + seconds * 1_000)} where id = ${ingest.invoiceId}`,
    );
  });
}

/** A CSV that is wrong stays wrong, until the provider or the next billing history says otherwise. */
function mayPass(err: unknown): boolean {
  if (err instanceof InvoiceCsvError) return false;
  return err instanceof ProviderError ? err.failure.retryable : true;
}

function requestedSeconds(err: unknown): number | null {
  return err instanceof ProviderError ? (err.failure.retryAfterSeconds ?? null) : null;
}

/** The text for the operator; unforeseen errors are in the log. */
function messageOf(err: unknown): string {
  if (err instanceof InvoiceCsvError || err instanceof DomainError) return errorText(err);
  return `Something went wrong on our side: ${errorText(err)}`;
}

/** One line of the log, with how far the billing history has got. */
export async function appendIngestEvent(
  app: FinishApp,
  ingest: Ingest,
  result: IngestResult,
  ms: number,
): Promise<void> {
  const progress = await query(app.db).one(
    Progress,
    sql`/* ingest-progress */ select (count(*) filter (where ingest_status = 'ingested'))::int as ingested, count(*)::int as known,
       max(total_difference_cents) filter (where id = ${ingest.invoiceId}) as difference from cloud_invoices`,
  );
  const { totals, matchedCount } = result;
  const about = {
    invoiceId: ingest.invoiceId,
    period: ingest.period.slice(0, 7),
    total: toMajorUnits(totals.totalCents),
    lines: totals.lineCount,
    matched: matchedCount,
    ms,
  };
  app.log.info(about, `cloud invoice ingested, ${progress.ingested} of ${progress.known}`);
  if (progress.difference !== null) {
    app.log.warn(
      { ...about, differenceCents: progress.difference },
      'cloud invoice states another total than its lines',
    );
  }
}
