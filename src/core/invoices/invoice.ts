import { soleCurrency } from '../money/currency-mismatch.js';
import { type DecimalText, toDecimalText } from '../money/decimal-text.js';
import { Decimal, type Money, sumMoney } from '../money/money.js';
import { roundExact } from '../money/rounded-cents.js';
import { type LlmCharges, llmUsageLine } from '../pricing/llm-usage-line.js';
import type { DayUsage, UnpricedUsage } from '../pricing/overage-lines.js';
import type { ResourcePrice } from '../pricing/plan.js';
import { type PricedMonth, priceMonth, type SubscriptionTerms } from '../pricing/price-month.js';
import { type PricedLine, roundedLine, type TaxMeta } from '../pricing/priced-line.js';
import type { Period } from '../time/period.js';

export const INVOICE_STATUSES = ['draft', 'issued', 'paid', 'void'] as const;
export type InvoiceStatus = (typeof INVOICE_STATUSES)[number];

/** One deployment's month: what it was subscribed to, what it used, what the gateway charged it. */
export interface DeploymentMonth {
  readonly deploymentId: string;
  readonly subscriptions: readonly SubscriptionTerms[];
  readonly usage: readonly DayUsage[];
  /** Those of this month, and late ones that no issued invoice has. */
  readonly llmCharges: readonly LlmCharges[];
}

/** Everything that a tenant's invoice depends on. */
export interface TenantMonth {
  readonly tenantId: string;
  readonly period: Period;
  readonly deployments: readonly DeploymentMonth[];
  readonly resourcePrices: readonly ResourcePrice[];
  /** As "0.10". */
  readonly gstRate: DecimalText;
}

export interface InvoiceDraftLine {
  /** From 1. */
  readonly position: number;
  /** Null for the tenant's own lines, such as GST. */
  readonly deploymentId: string | null;
  readonly line: PricedLine;
}

/** Usage of one kind of one deployment that no line prices. */
export interface DeploymentUsage extends UnpricedUsage {
  readonly deploymentId: string;
}

export interface InvoiceDraft {
  readonly tenantId: string;
  readonly period: Period;
  readonly lines: readonly InvoiceDraftLine[];
  readonly subtotal: Money;
  readonly tax: Money;
  readonly total: Money;
  /** Usage on billed days that no line prices. */
  readonly unpriced: readonly DeploymentUsage[];
  /** Usage on days without a live subscription. */
  readonly unbilled: readonly DeploymentUsage[];
}

/** A tenant's invoice for a month; null where there is nothing to bill. Deployments in the order of their ids. */
export function draftInvoice(month: TenantMonth): InvoiceDraft | null {
  const priced = month.deployments
    .toSorted((a, b) => (a.deploymentId < b.deploymentId ? -1 : 1))
    .map((deployment) => ({ deploymentId: deployment.deploymentId, ...priceDeployment(month, deployment) }));
  const own = priced.flatMap(({ deploymentId, lines }) => lines.map((line) => ({ deploymentId, line })));
  const currency = soleCurrency(
    `the invoice of tenant ${month.tenantId}`,
    own.map(({ line }) => line.amount.currency),
  );
  if (!currency) return null;
  const subtotal = sumMoney(
    currency,
    own.map(({ line }) => line.amount),
  );
  const gst = gstLine(subtotal, month.gstRate);
  return {
    tenantId: month.tenantId,
    period: month.period,
    lines: [...own, { deploymentId: null, line: gst }].map((line, i) => ({ position: i + 1, ...line })),
    subtotal,
    tax: gst.amount,
    total: sumMoney(currency, [subtotal, gst.amount]),
    unpriced: priced.flatMap(({ deploymentId, unpriced }) => unpriced.map((usage) => ({ deploymentId, ...usage }))),
    unbilled: priced.flatMap(({ deploymentId, unbilled }) => unbilled.map((usage) => ({ deploymentId, ...usage }))),
  };
}

/** The lines of one deployment before GST: recurring, overage, LLM usage. */
export function priceDeployment(
  { period, resourcePrices }: Pick<TenantMonth, 'period' | 'resourcePrices'>,
  { subscriptions, usage, llmCharges }: DeploymentMonth,
): Pick<PricedMonth, 'unpriced' | 'unbilled'> & { readonly lines: PricedLine[] } {
  const { recurring, overage, unpriced, unbilled } = priceMonth({ period, subscriptions, usage, resourcePrices });
  const llm = llmUsageLine(period, llmCharges);
  return { lines: [...recurring, ...overage, ...(llm ? [llm] : [])], unpriced, unbilled };
}

/** GST on the tenant's whole subtotal, rounded once. */
function gstLine(subtotal: Money, rate: DecimalText): PricedLine {
  const exactCents = new Decimal(rate).times(subtotal.cents);
  return roundedLine<TaxMeta>(
    {
      kind: 'tax',
      billingKind: null,
      description: `GST ${toDecimalText(new Decimal(rate).times(100))} %`,
      quantity: '1',
      unit: 'invoice',
      unitPriceCents: toDecimalText(exactCents),
    },
    subtotal.currency,
    roundExact(exactCents),
    { formula: 'subtotal × rate', source: 'tax', rate: toDecimalText(new Decimal(rate)), taxableCents: subtotal.cents },
  );
}
