import type { App } from '../../context.js';
import type { IngestTotals } from '../../core/costs/ingest-totals.js';
import { toMajorUnits } from '../../core/money/money.js';
import { type RetryPolicy, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { errorText } from '../../core/text/redact.js';
import { DomainError, ProviderError } from '../../errors.js';
import { LeaseLostError } from '../leases/lease.js';
import { type Ingest, lost, releaseIngest } from './ingest-lease.js';
import { InvoiceCsvError } from './read-invoice-csv.js';

type FinishApp = Pick<App, 'db' | 'clock' | 'log'>;

/** Of failures that may pass by themselves; there is no last attempt. */
const RETRY: RetryPolicy = { attempts: Number.POSITIVE_INFINITY, firstDelaySeconds: 60, maxDelaySeconds: 3_600 };

export interface IngestResult {
  readonly totals: IngestTotals;
  readonly matchedCount: number;
}

/** Lets the new lines take the place of the old ones, in one short transaction. Throws where another worker has the invoice. */
export async function activateIngest(
  app: FinishApp,
  ingest: Ingest,
  { totals, matchedCount }: IngestResult,
): Promise<void> {
  await app.db.transaction(async (db) => {
    const [, held]: [unknown, number] = await db.query(
      `update cloud_invoices set ingest_status = 'ingested', ingested_at = $3, ingest_error = null, ingest_failures = 0,
         ingest_retry_at = null, ingest_lease_owner = null, ingest_lease_until = null, live_ingest_id = $4,
         line_count = $5, matched_count = $6, lines_total_cents = $7, tax_cents = $8,
         finance_attempts = 0, finance_next_attempt_at = null, finance_error = null
       where id = $1 and ingest_status = 'ingesting' and ingest_attempt = $2`,
      [
        ingest.invoiceId,
        ingest.attempt,
        app.clock(),
        ingest.id,
        totals.lineCount,
        matchedCount,
        totals.totalCents,
        totals.taxCents,
      ],
    );
    if (held === 0) throw lost(ingest);
    await db.query(`update cloud_invoice_ingests set state = 'dropped' where invoice_id = $1 and state = 'live'`, [
      ingest.invoiceId,
    ]);
    await db.query(`update cloud_invoice_ingests set state = 'live' where id = $1`, [ingest.id]);
  });
}

/** Ends an ingest that did not come to its end: the lines that were there stay, and what it wrote is dropped. */
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
    const [[failed]]: [{ failures: number }[], number] = await db.query(
      `update cloud_invoices set ingest_status = 'failed', ingest_error = $3, ingest_failures = ingest_failures + 1,
         ingest_retry_at = null, ingest_lease_owner = null, ingest_lease_until = null
       where id = $1 and ingest_status = 'ingesting' and ingest_attempt = $2 returning ingest_failures as failures`,
      [ingest.invoiceId, ingest.attempt, messageOf(err)],
    );
    await db.query(`update cloud_invoice_ingests set state = 'dropped' where id = $1 and state = 'writing'`, [
      ingest.id,
    ]);
    if (!failed || !mayPass(err)) return;
    const seconds = retryDelaySeconds(RETRY, failed.failures, requestedSeconds(err));
    await db.query('update cloud_invoices set ingest_retry_at = $2 where id = $1', [
      ingest.invoiceId,
      new Date(app.clock().getTime() + seconds * 1_000),
    ]);
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

/** What an operator is told; what we did not foresee is in the log. */
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
  const [progress]: { ingested: number; known: number; difference: string | null }[] = await app.db.query(
    `select (count(*) filter (where ingest_status = 'ingested'))::int as ingested, count(*)::int as known,
       max(total_difference_cents) filter (where id = $1) as difference from cloud_invoices`,
    [ingest.invoiceId],
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
  app.log.info(about, `cloud invoice ingested, ${progress?.ingested} of ${progress?.known}`);
  if (progress?.difference != null) {
    app.log.warn(
      { ...about, differenceCents: progress.difference },
      'cloud invoice states another total than its lines',
    );
  }
}
