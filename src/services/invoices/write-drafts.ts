import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { InvoiceStatus } from '../../core/invoices/invoice.js';
import { draftInvoice, type InvoiceDraft, priceDeployment, type TenantMonth } from '../../core/invoices/invoice.js';
import { splitByCurrency } from '../../core/invoices/split-by-currency.js';
import { groupBy } from '../../core/lists/group-by.js';
import type { Currency } from '../../core/money/money.js';
import type { Period } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { billLlmCharges, releaseLlmCharges } from './bill-llm-charges.js';
import { recordHeldMonths } from './held-months.js';
import { readMonths, withCharges } from './read-months.js';
import { DraftError } from './roll-up-failures.js';

export type DraftOutcome = 'created' | 'skipped' | 'replaced' | 'nothing';

/** Whose invoice: a tenant has one a period and currency. */
export interface Billee {
  readonly tenantId: string;
  readonly currency: Currency;
}

export interface DraftRequest extends Pick<TenantMonth, 'period' | 'resourcePrices' | 'gstRate'> {
  readonly billees: readonly Billee[];
  /** Which drafts are written anew; what was issued is never touched. */
  readonly isRewritten: (draftedAt: Date) => boolean;
  readonly at: Date;
}

interface KnownInvoice extends Billee {
  readonly id: string;
  readonly status: InvoiceStatus;
  readonly draftedAt: Date;
}

/**
 * Writes the invoices of some tenants for a month in the caller's transaction: a dozen statements, however many they are.
 * What they depend on is read under their locks, so of two rollups at once the later one never writes what is older.
 * One that cannot be drafted fails them all: the caller then takes them one by one. Outcomes in the order of `billees`.
 */
export async function writeDrafts(db: EntityManager, request: DraftRequest): Promise<DraftOutcome[]> {
  const { billees, period } = request;
  const known = new Map((await lockInvoices(db, period, billees)).map((invoice) => [keyOf(invoice), invoice]));
  const isSkipped = (billee: Billee) => {
    const invoice = known.get(keyOf(billee));
    return invoice !== undefined && !(invoice.status === 'draft' && request.isRewritten(invoice.draftedAt));
  };
  const wanted = billees
    .filter((billee) => !isSkipped(billee))
    .map((billee) => ({ ...billee, id: known.get(keyOf(billee))?.id ?? randomUUID() }));
  if (wanted.length === 0) return billees.map(() => 'skipped');

  const rewritten = wanted.filter((billee) => known.has(keyOf(billee))).map(({ id }) => id);
  await emptyDrafts(db, rewritten);
  const drafts = await composeDrafts(db, request, wanted);
  await recordHeldMonths(db, request, [...new Set(wanted.map(({ tenantId }) => tenantId))]);
  await storeDrafts(db, drafts, request.at);
  const billed = new Set(drafts.map(({ id }) => id));
  await deleteDrafts(
    db,
    rewritten.filter((id) => !billed.has(id)),
  );
  const idOf = new Map(wanted.map((billee) => [keyOf(billee), billee.id]));
  return billees.map((billee) => {
    if (isSkipped(billee)) return 'skipped';
    if (known.has(keyOf(billee))) return 'replaced';
    return billed.has(idOf.get(keyOf(billee)) as string) ? 'created' : 'nothing';
  });
}

function keyOf({ tenantId, currency }: Billee): string {
  return `${currency} ${tenantId}`;
}

/** In one order everywhere, so that two rollups that share tenants never wait for each other in a ring. */
async function lockInvoices(db: EntityManager, period: Period, billees: readonly Billee[]): Promise<KnownInvoice[]> {
  const tenantIds = [...new Set(billees.map(({ tenantId }) => tenantId))];
  await db.query(
    `select pg_advisory_xact_lock(hashtext('invoices'), key)
     from (select distinct hashtext(tenant_id) as key from unnest($1::text[]) tenant_id order by key) tenants`,
    [tenantIds],
  );
  return db.query(
    `select id, tenant_id as "tenantId", currency, status, drafted_at as "draftedAt" from invoices
     where period = $1 and tenant_id = any($2::text[]) order by id for update`,
    [period, tenantIds],
  );
}

async function emptyDrafts(db: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await releaseLlmCharges(db, ids);
  await db.query('delete from invoice_lines where invoice_id = any($1::uuid[])', [ids]);
}

/** Those that have nothing left to bill. */
async function deleteDrafts(db: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await db.query('delete from invoices where id = any($1::uuid[])', [ids]);
}

type IdentifiedDraft = InvoiceDraft & { readonly id: string };

async function composeDrafts(
  db: EntityManager,
  { period, resourcePrices, gstRate }: DraftRequest,
  invoices: readonly (Billee & { readonly id: string })[],
): Promise<IdentifiedDraft[]> {
  const tenantIds = [...new Set(invoices.map(({ tenantId }) => tenantId))];
  const months = groupBy(await readMonths(readsWithin(db), period, tenantIds, resourcePrices), (one) => one.tenantId);
  const charges = groupBy(await billLlmCharges(db, period, invoices), (one) => one.tenantId);
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
  await db.query(
    `insert into invoices (id, tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, unpriced, drafted_at)
     select id, "tenantId", period, 'draft', currency, "subtotalCents", "taxCents", "totalCents", unpriced, $2
     from jsonb_to_recordset($1::jsonb) as invoice(id uuid, "tenantId" text, period date, currency text,
       "subtotalCents" bigint, "taxCents" bigint, "totalCents" bigint, unpriced jsonb)
     on conflict (id) do update set currency = excluded.currency, subtotal_cents = excluded.subtotal_cents,
       tax_cents = excluded.tax_cents, total_cents = excluded.total_cents, unpriced = excluded.unpriced, drafted_at = excluded.drafted_at`,
    [JSON.stringify(invoices), at],
  );
  const lines = drafts.flatMap(({ id, lines }) =>
    lines.map(({ position, deploymentId, line }) => {
      const { amount, ...rest } = line;
      return { ...rest, invoiceId: id, position, deploymentId, amountCents: amount.cents, currency: amount.currency };
    }),
  );
  await db.query(
    `insert into invoice_lines (invoice_id, position, deployment_id, deployment_slug, deployment_name, kind, billing_kind, description, quantity, unit,
       unit_price_cents, amount_cents, currency, meta)
     select "invoiceId", position, "deploymentId", deployment.slug, deployment.display_name, kind, "billingKind", description,
       quantity, unit, "unitPriceCents", "amountCents", currency, meta
     from jsonb_to_recordset($1::jsonb) as line("invoiceId" uuid, position int, "deploymentId" uuid, kind text, "billingKind" text,
       description text, quantity numeric, unit text, "unitPriceCents" numeric, "amountCents" bigint, currency text, meta jsonb)
     left join deployments deployment on deployment.id = line."deploymentId"
     order by "invoiceId", position`,
    [JSON.stringify(lines)],
  );
}
