import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { App } from '../../context.js';
import { financePayload } from '../../core/costs/finance-payload.js';
import { FINANCE_POLICY, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { errorText } from '../../core/text/redact.js';
import { query } from '../../database/queries.js';
import { type RowOf, rowOf, rowShape, rowWith } from '../../database/row-shape.js';
import { rawSql, sql } from '../../database/sql.js';
import { CloudCostLine } from '../../entities/cloud-cost-line.js';
import { CloudInvoice } from '../../entities/cloud-invoice.js';

/** How long one push may take before another worker claims it; the timeout of a request is far below. */
const LEASE_SECONDS = 120;
/** Pushes that one sweep queues. */
const SWEEP = 500;

/**
 * The live ingest was not pushed yet, and the invoice's total equals that of its lines. Derived, not stored: an invoice
 * that was ingested before finance was configured is owed from then on. If a later ingest fails, the live one is pushed.
 */
const OWED = rawSql(`live_ingest_id is not null and pushed_ingest_id is distinct from live_ingest_id
  and total_difference_cents is null and ingest_status <> 'ingesting'`);

const InvoiceId = rowOf(CloudInvoice, ['id']);
const OwedPush = rowWith(rowOf(CloudInvoice, ['providerId', 'period', 'issuedAt', 'lineCount']), {
  ingestId: z.string(),
});
type OwedPush = RowOf<typeof OwedPush>;
const Attempts = rowShape({ attempts: z.int() });
const FinanceLine = rowWith(rowOf(CloudCostLine, ['lineNumber', 'product', 'groupDescription', 'description']), {
  amountCents: z.number(),
});

/** Wakes a worker for one push; does nothing if finance is not configured. */
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
 * Pushes one invoice to finance if the push is owed and due and no other worker has it. A failure is stored with the
 * invoice, and the sweep retries with growing delays.
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
    const lines = await app.reads.many(
      FinanceLine,
      sql`/* lines-for-finance */ select line_number as "lineNumber", product, group_description as "groupDescription", description,
         amount_cents::float8 as "amountCents" from cloud_cost_lines where ingest_id = ${owed.ingestId}`,
    );
    // Meanwhile it was ingested again; that ingest is owed instead.
    if (lines.length !== owed.lineCount) return await releasePush(app, invoiceId);
    const { id, action } = await app.finance.importInvoice(financePayload(owed, lines), { signal });
    await query(
      app.db,
    ).execute(sql`/* record-finance-push */ update cloud_invoices set finance_invoice_id = ${id}, pushed_to_finance_at = ${app.clock()}, pushed_ingest_id = ${owed.ingestId},
         finance_attempts = 0, finance_next_attempt_at = null, finance_error = null, finance_lease_until = null
       where id = ${invoiceId}`);
    app.log.info({ invoiceId, financeInvoiceId: id, action }, 'cloud invoice pushed to finance');
  } catch (err) {
    if (signal.aborted) return await releasePush(app, invoiceId);
    app.log.warn({ invoiceId, err }, 'cloud invoice not pushed to finance');
    await noteFailure(app, invoiceId, err);
  }
}

async function claimPush(app: Pick<App, 'db' | 'clock'>, invoiceId: string): Promise<OwedPush | null> {
  return query(app.db).maybeOne(
    OwedPush,
    sql`/* claim-finance-push */ update cloud_invoices set finance_lease_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
     where id = ${invoiceId} and ${OWED} and (finance_next_attempt_at is null or finance_next_attempt_at <= ${app.clock()})
       and (finance_lease_until is null or finance_lease_until < clock_timestamp())
     returning live_ingest_id as "ingestId", provider_id as "providerId", period::text as period, issued_at as "issuedAt",
       line_count as "lineCount"`,
  );
}

async function releasePush(app: Pick<App, 'db'>, invoiceId: string): Promise<void> {
  await query(app.db).execute(
    sql`/* release-finance-push */ update cloud_invoices set finance_lease_until = null where id = ${invoiceId}`,
  );
}

async function noteFailure(app: Pick<App, 'db' | 'clock'>, invoiceId: string, err: unknown): Promise<void> {
  const noted = await query(app.db).maybeOne(
    Attempts,
    sql`/* record-finance-failure */ update cloud_invoices set finance_attempts = finance_attempts + 1, finance_error = ${errorText(err)}, finance_lease_until = null
     where id = ${invoiceId} returning finance_attempts as attempts`,
  );
  const seconds = retryDelaySeconds(FINANCE_POLICY, noted?.attempts ?? 1, null);
  await query(app.db).execute(
    sql`/* schedule-finance-push */ update cloud_invoices set finance_next_attempt_at = ${new Date(app.clock().getTime() + seconds * 1_000)} where id = ${invoiceId}`,
  );
}

/** Queues every push that is due and that no worker has; oldest invoices first. */
export async function recoverFinancePushes(app: Pick<App, 'db' | 'clock' | 'queues' | 'finance'>): Promise<void> {
  if (!app.finance) return;
  const due = await query(app.db).many(
    InvoiceId,
    sql`/* find-due-finance-pushes */ select id from cloud_invoices where ${OWED} and (finance_next_attempt_at is null or finance_next_attempt_at <= ${app.clock()})
       and (finance_lease_until is null or finance_lease_until < clock_timestamp())
     order by issued_at, id limit ${SWEEP}`,
  );
  const occasion = randomUUID();
  for (const { id } of due) await queueFinancePush(app, id, occasion);
}
