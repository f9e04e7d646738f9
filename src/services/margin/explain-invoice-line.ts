import type { App } from '../../context.js';
import type { BillingKind } from '../../core/billing-kind.js';
import { type DecimalText, toDecimalText } from '../../core/decimal-text.js';
import type { ExactCents } from '../../core/exact-cents.js';
import { explainLine, type LineExplanation } from '../../core/explain-line.js';
import { TOTAL_SCALE } from '../../core/metering.js';
import { Decimal, type Money } from '../../core/money.js';
import { addDays, type Day, earlierDay, lastDayOf, laterDay, type Period } from '../../core/period.js';
import type { ResourcePrice } from '../../core/plan.js';
import type { OverageMeta } from '../../core/priced-line.js';
import { listResourcePrices } from '../catalog/list-catalog.js';
import type { InvoiceLineRow, InvoiceRow } from '../invoices/list-invoices.js';

/** A line taken apart, with the invoice that it stands on. */
export interface ExplainedLine extends Omit<LineExplanation, 'residueCents'> {
  readonly row: InvoiceLineRow;
  readonly invoice: InvoiceRow;
  readonly residue: ExactCents;
  /** What was granted; empty but for overage. */
  readonly allowance: readonly Allowance[];
  /** As it stood when it was attached; null but for a line of an addon. */
  readonly addon: { readonly code: string; readonly quantity: DecimalText; readonly price: Money } | null;
}

export interface Allowance {
  readonly source: 'plan' | 'addon';
  readonly addonCode: string | null;
  readonly quantity: DecimalText;
}

/** Throws RangeError where the line's own record does not add up to its amount. The caller has made sure that the viewer may see it. */
export function explainInvoiceLine(row: InvoiceLineRow, invoice: InvoiceRow): ExplainedLine {
  const { residueCents: residue, ...explanation } = explainLine(row.line);
  return { ...explanation, residue, row, invoice, allowance: allowanceOf(row), addon: addonOf(row) };
}

function allowanceOf({ line: { meta } }: InvoiceLineRow): Allowance[] {
  if (meta.source !== 'overage') return [];
  return meta.allowanceParts.map((part) => ({ ...part, addonCode: part.source === 'addon' ? part.addonCode : null }));
}

function addonOf({ line: { meta, amount } }: InvoiceLineRow): ExplainedLine['addon'] {
  if (meta.source !== 'addon') return null;
  const price = { cents: meta.priceCents, currency: amount.currency };
  return { code: meta.addonCode, quantity: meta.addonQuantity, price };
}

/** Which usage records an overage line was priced from: whole days, both ends included. */
export interface LineUsage {
  readonly deploymentId: string;
  readonly kind: BillingKind;
  readonly from: Day;
  readonly to: Day;
  /** What the line was priced from. */
  readonly used: DecimalText;
  /** The exact sum of the records that there are now. */
  readonly recorded: DecimalText;
  /** `used` less `recorded`: the dust of divisions, or what was metered anew or pruned since. */
  readonly residue: DecimalText;
  /** Whether the residue is dust alone, so that the records are those that the line was priced from. */
  readonly isComplete: boolean;
}

/** Null where the line was not priced from usage records. */
export async function findLineUsage(
  app: Pick<App, 'reads'>,
  { row, invoice }: Pick<ExplainedLine, 'row' | 'invoice'>,
): Promise<LineUsage | null> {
  const { meta, billingKind: kind } = row.line;
  if (meta.source !== 'overage' || row.deploymentId === null || kind === null) return null;
  const [from, to] = await pricedDays(app, meta, invoice.period);
  const [sum] = await app.reads.reports.query<{ recorded: DecimalText }>(
    `select trim_scale(coalesce(sum(usage.quantity), 0))::text as recorded from usage_records usage
     where usage.deployment_id = $1 and usage.kind = $2 and usage.period_start >= $3::date::timestamp at time zone 'UTC'
       and usage.period_start < ($4::date + 1)::timestamp at time zone 'UTC'`,
    [row.deploymentId, kind, from, to],
  );
  const recorded = sum?.recorded ?? '0';
  const residue = new Decimal(meta.used).minus(recorded);
  const isComplete = residue.abs().lt(new Decimal(10).pow(-TOTAL_SCALE));
  const { deploymentId } = row;
  return { deploymentId, kind, from, to, used: meta.used, recorded, residue: toDecimalText(residue), isComplete };
}

/** A plan item prices the whole month, a resource price the days on which it was in force. */
async function pricedDays(
  app: Pick<App, 'reads'>,
  { priceSource }: OverageMeta,
  period: Period,
): Promise<[from: Day, to: Day]> {
  if (priceSource.source === 'plan_item') return [period, lastDayOf(period)];
  const price = await findLinePrice(app, priceSource.resourcePriceId);
  const until = price?.effectiveTo ? addDays(price.effectiveTo, -1) : lastDayOf(period);
  return [laterDay(priceSource.effectiveFrom, period), earlierDay(until, lastDayOf(period))];
}

/** A resource price as it stands now; null where there is none of that id. */
export async function findLinePrice(app: Pick<App, 'reads'>, id: string): Promise<ResourcePrice | null> {
  return (await listResourcePrices(app.reads.reports, null)).find((price) => price.id === id) ?? null;
}
