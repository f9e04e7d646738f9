import { randomUUID } from 'node:crypto';
import type { App } from '../../context.js';
import { type BilledLine, type NumberedInvoice, receivablePayload } from '../../core/invoices/receivable-payload.js';
import { FINANCE_POLICY, retryDelaySeconds } from '../../core/sagas/retry-policy.js';
import { errorText } from '../../core/text/redact.js';
import type { ReceivablePush } from '../../entities/receivable-push.js';

/** How long one push may take before another worker takes it for dead; finance's own timeout is far below. */
const LEASE_SECONDS = 120;
/** Pushes that one sweep queues. */
const SWEEP = 500;

const DUE = `pushed_status is distinct from owed_status and (next_attempt_at is null or next_attempt_at <= $1)
  and (lease_until is null or lease_until < clock_timestamp())`;

/** Wakes a worker for one push; nothing if finance is not configured. */
export async function queueReceivablePush(
  app: Pick<App, 'queues' | 'finance'>,
  invoiceId: string,
  occasion: string,
): Promise<void> {
  if (!app.finance) return;
  const id = `push-receivable-${invoiceId}-${occasion}`;
  await app.queues.add('cloud_billing', 'push-receivable', { invoiceId }, { id });
}

/**
 * Pushes one of our invoices to finance, if that is owed, due, and nobody else does it: on issue, and again once it is paid or
 * void. A failure is kept with the push, and the sweep tries again, each time later than the last.
 */
export async function pushReceivable(
  app: Pick<App, 'db' | 'reads' | 'clock' | 'finance' | 'log'>,
  invoiceId: string,
  signal: AbortSignal,
): Promise<void> {
  if (!app.finance) return;
  const failedBefore = await claimPush(app, invoiceId);
  if (failedBefore === null) return;
  try {
    const invoice = await readInvoice(app, invoiceId);
    const { id, action } = await app.finance.importInvoice(receivablePayload(invoice, invoice.lines), { signal });
    await app.db.query(
      `update receivable_pushes set finance_invoice_id = $2, pushed_at = $3, pushed_status = $4, attempts = 0,
         next_attempt_at = null, error = null, lease_until = null
       where invoice_id = $1`,
      [invoiceId, id, app.clock(), invoice.status],
    );
    app.log.info({ invoiceId, status: invoice.status, financeInvoiceId: id, action }, 'receivable pushed to finance');
  } catch (err) {
    if (signal.aborted) return await releasePush(app, invoiceId);
    app.log.warn({ invoiceId, err }, 'receivable not pushed to finance');
    await recordFailure(app, invoiceId, failedBefore + 1, err);
  }
}

/** Answers how often it failed before; null if it is not owed, not due, or somebody else's. */
async function claimPush(app: Pick<App, 'db' | 'clock'>, invoiceId: string): Promise<number | null> {
  const [[claimed]]: [{ attempts: number }[], number] = await app.db.query(
    `update receivable_pushes set lease_until = clock_timestamp() + $3 * interval '1 second'
     where invoice_id = $2 and ${DUE} returning attempts`,
    [app.clock(), invoiceId, LEASE_SECONDS],
  );
  return claimed?.attempts ?? null;
}

/** One statement, so that status and lines are of one moment. */
async function readInvoice(
  app: Pick<App, 'reads'>,
  invoiceId: string,
): Promise<NumberedInvoice & { readonly lines: readonly BilledLine[] }> {
  const [invoice] = await app.reads.query<NumberedInvoice & { lines: BilledLine[] }>(
    `select id, number, tenant_id as "tenantId", status, period::text as period, issued_at as "issuedAt",
       paid_at as "paidAt", voided_at as "voidedAt", void_reason as "voidReason", currency,
       subtotal_cents::float8 as "subtotalCents", tax_cents::float8 as "taxCents", total_cents::float8 as "totalCents",
       coalesce((select json_agg(json_build_object('position', line.position, 'kind', line.kind,
         'description', line.description, 'amountCents', line.amount_cents)) from invoice_lines line
         where line.invoice_id = invoice.id), '[]') as lines
     from invoices invoice where id = $1`,
    [invoiceId],
  );
  if (!invoice) throw new Error(`invoice ${invoiceId} is owed to finance and does not exist`);
  return invoice;
}

async function releasePush(app: Pick<App, 'db'>, invoiceId: string): Promise<void> {
  await app.db.query('update receivable_pushes set lease_until = null where invoice_id = $1', [invoiceId]);
}

async function recordFailure(
  app: Pick<App, 'db' | 'clock'>,
  invoiceId: string,
  attempts: number,
  err: unknown,
): Promise<void> {
  const seconds = retryDelaySeconds(FINANCE_POLICY, attempts, null);
  await app.db.query(
    `update receivable_pushes set attempts = $2, next_attempt_at = $3, error = $4, lease_until = null where invoice_id = $1`,
    [invoiceId, attempts, new Date(app.clock().getTime() + seconds * 1_000), errorText(err)],
  );
}

/** Queues every push that is due and that nobody is at; those never tried first. */
export async function recoverReceivablePushes(app: Pick<App, 'db' | 'clock' | 'queues' | 'finance'>): Promise<void> {
  if (!app.finance) return;
  const due: { id: string }[] = await app.db.query(
    `select invoice_id as id from receivable_pushes where ${DUE} order by next_attempt_at nulls first, invoice_id
     limit ${SWEEP}`,
    [app.clock()],
  );
  const occasion = randomUUID();
  for (const { id } of due) await queueReceivablePush(app, id, occasion);
}

/** What finance has of each invoice that has a number. Operators only: the resolver sees to that. */
export async function findReceivables(
  app: Pick<App, 'reads'>,
  invoiceIds: readonly string[],
): Promise<ReceivablePush[]> {
  return app.reads.query<ReceivablePush>(
    `select invoice_id as "invoiceId", owed_status as "owedStatus", pushed_status as "pushedStatus",
       finance_invoice_id as "financeInvoiceId", pushed_at as "pushedAt", attempts, next_attempt_at as "nextAttemptAt",
       error, lease_until as "leaseUntil"
     from receivable_pushes where invoice_id = any($1::uuid[])`,
    [invoiceIds],
  );
}
