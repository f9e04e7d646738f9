import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { draftInvoice, type InvoiceDraft, type InvoiceStatus, type TenantMonth } from '../../core/invoice.js';
import type { LlmCharges } from '../../core/llm-usage-line.js';
import { billLlmCharges, releaseLlmCharges } from './bill-llm-charges.js';
import type { SubscribedMonth } from './read-months.js';

export type DraftOutcome = 'created' | 'skipped' | 'replaced' | 'nothing';

export interface DraftRequest extends Pick<TenantMonth, 'tenantId' | 'period' | 'resourcePrices' | 'gstRate'> {
  readonly months: readonly SubscribedMonth[];
  /** Writes a draft anew; what was issued is never touched. */
  readonly force: boolean;
  readonly at: Date;
}

/** Writes one tenant's invoice of a month, in the caller's transaction. */
export async function writeDraft(db: EntityManager, request: DraftRequest): Promise<DraftOutcome> {
  const { tenantId, period } = request;
  await db.query(`select pg_advisory_xact_lock(hashtext('invoices'), hashtext($1))`, [tenantId]);
  const [known]: { id: string; status: InvoiceStatus }[] = await db.query(
    'select id, status from invoices where tenant_id = $1 and period = $2 for update',
    [tenantId, period],
  );
  if (known && !(request.force && known.status === 'draft')) return 'skipped';
  if (known) {
    await releaseLlmCharges(db, known.id);
    await db.query('delete from invoice_lines where invoice_id = $1', [known.id]);
  }
  const id = known?.id ?? randomUUID();
  const draft = draftInvoice({
    ...request,
    deployments: withCharges(request.months, await billLlmCharges(db, { id, tenantId, period })),
  });
  if (!draft) {
    if (known) await db.query('delete from invoices where id = $1', [known.id]);
    return known ? 'replaced' : 'nothing';
  }
  await storeDraft(db, id, draft, request.at);
  return known ? 'replaced' : 'created';
}

/** Each deployment's month with its charges; one that was charged without a subscription has a month too. */
export function withCharges(
  months: readonly SubscribedMonth[],
  charges: readonly (LlmCharges & { readonly deploymentId: string })[],
): TenantMonth['deployments'] {
  const subscribed = new Map(months.map((month) => [month.deploymentId, month]));
  const deploymentIds = [...new Set([...subscribed.keys(), ...charges.map((charge) => charge.deploymentId)])];
  return deploymentIds.map((deploymentId) => ({
    deploymentId,
    subscriptions: subscribed.get(deploymentId)?.subscriptions ?? [],
    usage: subscribed.get(deploymentId)?.usage ?? [],
    llmCharges: charges.filter((charge) => charge.deploymentId === deploymentId),
  }));
}

async function storeDraft(db: EntityManager, id: string, draft: InvoiceDraft, at: Date): Promise<void> {
  const { tenantId, period, subtotal, tax, total } = draft;
  await db.query(
    `insert into invoices (id, tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
     values ($1, $2, $3, 'draft', $4, $5, $6, $7, $8)
     on conflict (id) do update set currency = excluded.currency, subtotal_cents = excluded.subtotal_cents,
       tax_cents = excluded.tax_cents, total_cents = excluded.total_cents, drafted_at = excluded.drafted_at`,
    [id, tenantId, period, total.currency, subtotal.cents, tax.cents, total.cents, at],
  );
  const lines = draft.lines.map(({ position, deploymentId, line }) => {
    const { amount, ...rest } = line;
    return { ...rest, position, deploymentId, amountCents: amount.cents, currency: amount.currency };
  });
  await db.query(
    `insert into invoice_lines (invoice_id, position, deployment_id, kind, billing_kind, description, quantity, unit,
       unit_price_cents, amount_cents, currency, meta)
     select $1, position, "deploymentId", kind, "billingKind", description, quantity, unit, "unitPriceCents", "amountCents", currency, meta
     from jsonb_to_recordset($2::jsonb) as line(position int, "deploymentId" uuid, kind text, "billingKind" text, description text,
       quantity numeric, unit text, "unitPriceCents" numeric, "amountCents" bigint, currency text, meta jsonb)`,
    [id, JSON.stringify(lines)],
  );
}
