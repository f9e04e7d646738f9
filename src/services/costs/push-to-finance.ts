import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import { type FinanceCostLine, type FinanceInvoice, financePayload } from '../../core/costs/finance-payload.js';
import { FINANCE_POLICY, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { errorText } from '../../core/text/redact.js';

/** How long one push may take before another worker takes it for dead; finance's own timeout is far below. */
const LEASE_SECONDS = 120;
/** Pushes that one sweep queues. */
const SWEEP = 500;

/**
 * An ingest that finance has not got; that states another total than its lines is held back until they agree. Derived, not
 * noted: what was ingested before finance was configured is owed from then on. An ingest that fails leaves the one before
 * it to be pushed.
 */
const OWED = `live_ingest_id is not null and pushed_ingest_id is distinct from live_ingest_id
  and total_difference_cents is null and ingest_status <> 'ingesting'`;

interface OwedPush extends FinanceInvoice {
  readonly ingestId: string;
  readonly lineCount: number;
}

/** Wakes a worker for one push; nothing where finance is not configured. */
export async function queueFinancePush(
  app: Pick<App, 'queues' | 'finance'>,
  invoiceId: string,
  occasion: string,
): Promise<void> {
  if (!app.finance) return;
  const id = `push-${invoiceId}-${occasion}`;
  await app.queues.add('cloud_billing', 'push-cloud-invoice', { invoiceId }, { id });
}

/**
 * Pushes one invoice to finance, if that is owed, due, and nobody else does it. A failure is kept with the invoice, and
 * the sweep tries again, each time later than the last.
 */
export async function pushToFinance(
  app: Pick<App, 'db' | 'reads' | 'clock' | 'finance' | 'log'>,
  invoiceId: string,
  signal: AbortSignal,
): Promise<void> {
  if (!app.finance) return;
  const owed = await claimPush(app, invoiceId);
  if (!owed) return;
  try {
    const lines = await app.reads.query<FinanceCostLine>(
      `select line_number as "lineNumber", product, group_description as "groupDescription", description,
         amount_cents::float8 as "amountCents" from cloud_cost_lines where ingest_id = $1`,
      [owed.ingestId],
    );
    // It was ingested anew meanwhile, and that is owed instead.
    if (lines.length !== owed.lineCount) return await releasePush(app, invoiceId);
    const { id, action } = await app.finance.importInvoice(financePayload(owed, lines), { signal });
    await app.db.query(
      `update cloud_invoices set finance_invoice_id = $2, pushed_to_finance_at = $3, pushed_ingest_id = $4,
         finance_attempts = 0, finance_next_attempt_at = null, finance_error = null, finance_lease_until = null
       where id = $1`,
      [invoiceId, id, app.clock(), owed.ingestId],
    );
    app.log.info({ invoiceId, financeInvoiceId: id, action }, 'cloud invoice pushed to finance');
  } catch (err) {
    if (signal.aborted) return await releasePush(app, invoiceId);
    app.log.warn({ invoiceId, err }, 'cloud invoice not pushed to finance');
    await noteFailure(app, invoiceId, err);
  }
}

async function claimPush(app: Pick<App, 'db' | 'clock'>, invoiceId: string): Promise<OwedPush | null> {
  const [[owed]]: [OwedPush[], number] = await app.db.query(
    `update cloud_invoices set finance_lease_until = clock_timestamp() + $3 * interval '1 second'
     where id = $1 and ${OWED} and (finance_next_attempt_at is null or finance_next_attempt_at <= $2)
       and (finance_lease_until is null or finance_lease_until < clock_timestamp())
     returning live_ingest_id as "ingestId", provider_id as "providerId", period::text as period, issued_at as "issuedAt",
       line_count as "lineCount"`,
    [invoiceId, app.clock(), LEASE_SECONDS],
  );
  return owed ?? null;
}

async function releasePush(app: Pick<App, 'db'>, invoiceId: string): Promise<void> {
  await app.db.query('update cloud_invoices set finance_lease_until = null where id = $1', [invoiceId]);
}

async function noteFailure(app: Pick<App, 'db' | 'clock'>, invoiceId: string, err: unknown): Promise<void> {
  const [[noted]]: [{ attempts: number }[], number] = await app.db.query(
    `update cloud_invoices set finance_attempts = finance_attempts + 1, finance_error = $2, finance_lease_until = null
     where id = $1 returning finance_attempts as attempts`,
    [invoiceId, errorText(err)],
  );
  const seconds = retryDelaySeconds(FINANCE_POLICY, noted?.attempts ?? 1, null);
  await app.db.query('update cloud_invoices set finance_next_attempt_at = $2 where id = $1', [
    invoiceId,
    new Date(app.clock().getTime() + seconds * 1_000),
  ]);
}

/** Queues every push that is due and that nobody is at; oldest invoices first. */
export async function recoverFinancePushes(app: Pick<App, 'db' | 'clock' | 'queues' | 'finance'>): Promise<void> {
  if (!app.finance) return;
  const due: { id: string }[] = await app.db.query(
    `select id from cloud_invoices where ${OWED} and (finance_next_attempt_at is null or finance_next_attempt_at <= $1)
       and (finance_lease_until is null or finance_lease_until < clock_timestamp())
     order by issued_at, id limit ${SWEEP}`,
    [app.clock()],
  );
  const occasion = randomUUID();
  for (const { id } of due) await queueFinancePush(app, id, occasion);
}
