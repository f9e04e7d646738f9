import type { App } from '../../../context.js';
import { explainLine, type LineExplanation } from '../../../core/invoices/explain-line.js';
import type { BillingKind } from '../../../core/metering/billing-kind.js';
import { exactQuantity } from '../../../core/metering/metered-quantity.js';
import { type DecimalText, toDecimalText } from '../../../core/money/decimal-text.js';
import { Fraction } from '../../../core/money/fraction.js';
import { Decimal, type Money } from '../../../core/money/money.js';
import type { ExactCents } from '../../../core/money/rounded-cents.js';
import type { ResourcePrice } from '../../../core/pricing/plan.js';
import type { UsageDays } from '../../../core/pricing/priced-line.js';
import { type Day, lastDayOf } from '../../../core/time/period.js';
import type { InvoiceLineRow, InvoiceRow } from '../../invoices/list-invoices.js';

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
  /** Of a whole month. */
  readonly wholeQuantity: DecimalText;
  /** The share of the month that it was in force, as "12/31"; null: all of it. */
  readonly prorationFraction: string | null;
}

/** Throws RangeError where the line's own record does not add up to its amount. The caller has made sure that the viewer may see it. */
export function explainInvoiceLine(row: InvoiceLineRow, invoice: InvoiceRow): ExplainedLine {
  const { residueCents: residue, ...explanation } = explainLine(row.line);
  return { ...explanation, residue, row, invoice, allowance: allowanceOf(row), addon: addonOf(row) };
}

function allowanceOf({ line: { meta } }: InvoiceLineRow): Allowance[] {
  if (meta.source !== 'overage') return [];
  return meta.allowanceParts.map((part) => ({
    source: part.source,
    addonCode: part.source === 'addon' ? part.addonCode : null,
    quantity: part.quantity,
    wholeQuantity: part.wholeQuantity ?? part.quantity,
    prorationFraction: part.prorationFraction ?? null,
  }));
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
  /** Those of them that count; the rest is not billed. */
  readonly days: readonly UsageDays[];
  /** What the line was priced from. */
  readonly used: DecimalText;
  /** The exact sum of the records that there are now. */
  readonly recorded: DecimalText;
  /** `used` less `recorded`: what records cut of a quotient, or what was metered anew or pruned since. */
  readonly residue: DecimalText;
  /** Whether the records come to just what the line was priced from. */
  readonly isComplete: boolean;
}

/** Null if the line was not priced from usage records. */
export async function findLineUsage(
  app: Pick<App, 'reads'>,
  { row, invoice }: Pick<ExplainedLine, 'row' | 'invoice'>,
): Promise<LineUsage | null> {
  const { meta, billingKind: kind } = row.line;
  if (meta.source !== 'overage' || row.deploymentId === null || kind === null) return null;
  const days = meta.usageDays;
  const [sum] = await app.reads.reports.query<{ recorded: DecimalText }>(
    `select trim_scale(coalesce(sum(usage.quantity), 0))::text as recorded
     from usage_records usage join jsonb_to_recordset($3::jsonb) as day("from" date, "to" date)
       on usage.period_start >= day."from"::timestamp at time zone 'UTC'
       and usage.period_start < (day."to" + 1)::timestamp at time zone 'UTC'
     where usage.deployment_id = $1 and usage.kind = $2`,
    [row.deploymentId, kind, JSON.stringify(days)],
  );
  const recorded = sum?.recorded ?? '0';
  return {
    deploymentId: row.deploymentId,
    kind,
    from: days[0]?.from ?? invoice.period,
    to: days.at(-1)?.to ?? lastDayOf(invoice.period),
    days,
    used: meta.used,
    recorded,
    residue: toDecimalText(new Decimal(meta.used).minus(recorded)),
    isComplete: exactQuantity(kind, invoice.period, [recorded]).equals(Fraction.parse(meta.exact?.used ?? meta.used)),
  };
}

/** The resource price that an overage was priced by, as the line kept it; null if a plan item priced it. */
export function linePriceOf({ row }: Pick<ExplainedLine, 'row'>): ResourcePrice | null {
  const { meta, billingKind: kind, unit, unitPriceCents, amount } = row.line;
  if (meta.source !== 'overage' || meta.priceSource.source !== 'resource_price' || kind === null) return null;
  const { resourcePriceId: id, effectiveFrom, effectiveTo } = meta.priceSource;
  return { id, kind, unit, unitPriceCents, currency: amount.currency, effectiveFrom, effectiveTo };
}
