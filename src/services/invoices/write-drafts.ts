import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { draftInvoice, type InvoiceDraft, priceDeployment, type TenantMonth } from '../../core/invoices/invoice.js';
import { splitByCurrency } from '../../core/invoices/split-by-currency.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { Currency } from '../../core/money/money.js';
import { nextPeriod, type Period } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { readsWithin } from '../../database/reads.js';
import { type RowOf, rowOf, rowShape } from '../../database/row-shape.js';
import { shared, sql } from '../../database/sql.js';
import { Invoice } from '../../entities/invoice.js';
import { billLlmCharges, type DeploymentCharges, releaseLlmCharges } from './bill-llm-charges.js';
import { recordHeldMonths } from './held-months.js';
import { readMonths, type SubscribedMonth, withCharges } from './read-months.js';
import { DraftError } from './roll-up-failures.js';

export type DraftOutcome = 'created' | 'skipped' | 'replaced' | 'nothing';

/** A tenant has one invoice a period and currency. */
export interface InvoiceKey {
  readonly tenantId: string;
  readonly currency: Currency;
}

export interface DraftRequest extends Pick<TenantMonth, 'period' | 'resourcePrices' | 'gstRate'> {
  readonly keys: readonly InvoiceKey[];
  /** Which drafts are rewritten; an issued, paid or void invoice never is. */
  readonly isRewritten: (draftedAt: Date) => boolean;
  readonly at: Date;
}

const KnownInvoiceRow = rowOf(Invoice, ['id', 'tenantId', 'currency', 'status', 'draftedAt']);
type KnownInvoice = RowOf<typeof KnownInvoiceRow>;

/**
 * Writes invoices of a month in the caller's transaction, with the same dozen statements for any number of them. It locks the
 * tenants before it reads, so that of two concurrent roll-ups the later one never writes older data. One invoice that cannot
 * be drafted fails all of them: the caller then drafts them one by one. Outcomes in the order of `keys`.
 */
export async function writeDrafts(db: EntityManager, request: DraftRequest): Promise<DraftOutcome[]> {
  const { keys, period } = request;
  const known = new Map((await lockInvoices(db, period, keys)).map((invoice) => [textOf(invoice), invoice]));
  const isSkipped = (key: InvoiceKey) => {
    const invoice = known.get(textOf(key));
    return invoice !== undefined && !(invoice.status === 'draft' && request.isRewritten(invoice.draftedAt));
  };
  const due = keys
    .filter((key) => !isSkipped(key))
    .map((key) => ({ ...key, id: known.get(textOf(key))?.id ?? randomUUID() }));
  if (due.length === 0) return keys.map(() => 'skipped');

  const rewritten = due.filter((key) => known.has(textOf(key))).map(({ id }) => id);
  await emptyDrafts(db, rewritten);
  const tenantIds = [...new Set(due.map(({ tenantId }) => tenantId))];
  const { months, charges, mayHoldMonths } = await readTenants(db, request, due, tenantIds);
  const drafts = composeDrafts(request, due, groupBy(months, ofTenant), groupBy(charges, ofTenant));
  if (mayHoldMonths) await recordHeldMonths(db, request, tenantIds);
  await storeDrafts(db, drafts, request.at);
  const billed = new Set(drafts.map(({ id }) => id));
  await deleteDrafts(
    db,
    rewritten.filter((id) => !billed.has(id)),
  );
  const idOf = new Map(due.map((key) => [textOf(key), key.id]));
  return keys.map((key) => {
    if (isSkipped(key)) return 'skipped';
    if (known.has(textOf(key))) return 'replaced';
    return billed.has(idOf.get(textOf(key)) as string) ? 'created' : 'nothing';
  });
}

function textOf({ tenantId, currency }: InvoiceKey): string {
  return `${currency} ${tenantId}`;
}

/** Locks in one order everywhere, so that two roll-ups that share tenants never deadlock. */
async function lockInvoices(db: EntityManager, period: Period, keys: readonly InvoiceKey[]): Promise<KnownInvoice[]> {
  const tenantIds = [...new Set(keys.map(({ tenantId }) => tenantId))];
  await query(db).execute(
    sql`/* lock-invoices-of-tenants */ select pg_advisory_xact_lock(hashtext('invoices'), key)
     from (select distinct hashtext(tenant_id) as key from unnest(${tenantIds}::text[]) tenant_id order by key) tenants`,
  );
  return query(db).many(
    KnownInvoiceRow,
    sql`/* lock-invoices */ select ${KnownInvoiceRow.columns('invoice')} from invoices invoice
     where invoice.period = ${period}::date and invoice.tenant_id = any(${tenantIds}::text[]) order by invoice.id for update`,
  );
}

async function emptyDrafts(db: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await releaseLlmCharges(db, ids);
  await query(db).execute(
    sql`/* delete-draft-lines */ delete from invoice_lines where invoice_id = any(${ids}::uuid[])`,
  );
}

/** Deletes drafts that have nothing left to bill. */
async function deleteDrafts(db: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await query(db).execute(sql`/* delete-drafts */ delete from invoices where id = any(${ids}::uuid[])`);
}

type IdentifiedDraft = InvoiceDraft & { readonly id: string };
type IdentifiedKey = InvoiceKey & { readonly id: string };

const BatchFacts = rowShape({ mayHoldMonths: z.boolean(), hasCharges: z.boolean() });

/**
 * What the tenants' drafts depend on. Most batches have no suspended deployment and many have no LLM charge: one cheap check
 * spares them two statements that cost more to plan than the rest.
 */
async function readTenants(
  db: EntityManager,
  { period, resourcePrices }: DraftRequest,
  invoices: readonly IdentifiedKey[],
  tenantIds: readonly string[],
): Promise<{ months: SubscribedMonth[]; charges: DeploymentCharges[]; mayHoldMonths: boolean }> {
  const months = await readMonths(readsWithin(db), period, tenantIds, resourcePrices);
  const tenants = shared(tenantIds);
  const { mayHoldMonths, hasCharges } = await query(db).one(
    BatchFacts,
    sql`/* check-batch */ select exists (select from deployments deployment
         where deployment.tenant_id = any(${tenants}::text[]) and deployment.billing_action_suspended)
       or exists (select from held_months held where held.period = ${period}::date) as "mayHoldMonths",
       exists (select from llm_usage_events event join deployments deployment on deployment.id = event.deployment_id
         where deployment.tenant_id = any(${tenants}::text[]) and event.invoice_id is null
         and event.occurred_at < ${nextPeriod(period)}::date::timestamp at time zone 'UTC') as "hasCharges"`,
  );
  return { months, mayHoldMonths, charges: hasCharges ? await billLlmCharges(db, period, invoices) : [] };
}

function ofTenant({ tenantId }: { readonly tenantId: string }): string {
  return tenantId;
}

function composeDrafts(
  { period, resourcePrices, gstRate }: DraftRequest,
  invoices: readonly IdentifiedKey[],
  months: ReadonlyMap<string, SubscribedMonth[]>,
  charges: ReadonlyMap<string, DeploymentCharges[]>,
): IdentifiedDraft[] {
  return invoices.flatMap(({ id, tenantId, currency }) => {
    const all = withCharges(months.get(tenantId) ?? [], charges.get(tenantId) ?? []);
    const deployments = splitByCurrency(all).get(currency) ?? [];
    const month = { tenantId, period, resourcePrices, gstRate, deployments };
    try {
      const draft = draftInvoice(month);
      return draft ? [{ id, ...draft }] : [];
    } catch (error) {
      throw new DraftError(findUnpriceable(month), error);
    }
  });
}

/** The deployment that cannot be priced; null if it is the invoice as a whole. */
function findUnpriceable(month: TenantMonth): string | null {
  for (const deployment of month.deployments) {
    try {
      priceDeployment(month, deployment);
    } catch {
      return deployment.deploymentId;
    }
  }
  return null;
}

async function storeDrafts(db: EntityManager, drafts: readonly IdentifiedDraft[], at: Date): Promise<void> {
  const invoices = drafts.map(({ id, tenantId, period, subtotal, tax, total, unpriced }) => ({
    id,
    tenantId,
    period,
    currency: total.currency,
    subtotalCents: subtotal.cents,
    taxCents: tax.cents,
    totalCents: total.cents,
    unpriced,
  }));
  await query(db).execute(
    sql`/* write-drafts */ insert into invoices (id, tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, unpriced, drafted_at)
     select id, "tenantId", period, 'draft', currency, "subtotalCents", "taxCents", "totalCents", unpriced, ${at}::timestamptz
     from jsonb_to_recordset(${JSON.stringify(invoices)}::jsonb) as invoice(id uuid, "tenantId" text, period date, currency text,
       "subtotalCents" bigint, "taxCents" bigint, "totalCents" bigint, unpriced jsonb)
     on conflict (id) do update set currency = excluded.currency, subtotal_cents = excluded.subtotal_cents,
       tax_cents = excluded.tax_cents, total_cents = excluded.total_cents, unpriced = excluded.unpriced, drafted_at = excluded.drafted_at`,
  );
  const lines = drafts.flatMap(({ id, lines }) =>
    lines.map(({ position, deploymentId, line }) => {
      const { amount, ...rest } = line;
      return { ...rest, invoiceId: id, position, deploymentId, amountCents: amount.cents, currency: amount.currency };
    }),
  );
  await query(db).execute(
    sql`/* write-draft-lines */ insert into invoice_lines (invoice_id, position, deployment_id, deployment_slug, deployment_name, kind, billing_kind, description, quantity, unit,
       unit_price_cents, amount_cents, currency, meta)
     select "invoiceId", position, "deploymentId", deployment.slug, deployment.display_name, kind, "billingKind", description,
       quantity, unit, "unitPriceCents", "amountCents", currency, meta
     from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as line("invoiceId" uuid, position int, "deploymentId" uuid, kind text, "billingKind" text,
       description text, quantity numeric, unit text, "unitPriceCents" numeric, "amountCents" bigint, currency text, meta jsonb)
     left join deployments deployment on deployment.id = line."deploymentId"
     order by "invoiceId", position`,
  );
}
