import type { Currency } from '../money/money.js';
import type { LineKind } from '../pricing/priced-line.js';
import { type Day, dayOf, type Period } from '../time/period.js';
import type { InvoiceStatus } from './invoice.js';

/**
 * An invoice of ours as the company's books take it: the form of a provider's bill (`finance-payload.ts`), but with a customer
 * instead of a vendor, and its status. They know it again by `source` and `external_id`.
 */
export interface ReceivablePayload {
  readonly source: 'arcadia-cloud';
  readonly direction: 'receivable';
  /** Our id of the invoice. */
  readonly external_id: string;
  /** As printed on the invoice. */
  readonly number: string;
  readonly customer: { readonly tenant_id: string };
  readonly status: 'issued' | 'paid' | 'void';
  /** YYYY-MM */
  readonly period: string;
  readonly issued_date: Day;
  readonly paid_date: Day | null;
  readonly voided_date: Day | null;
  readonly void_reason: string | null;
  readonly currency: Currency;
  readonly amount_net_minor: number;
  readonly amount_tax_minor: number;
  /** Net and tax, which is also the sum of the lines. */
  readonly amount_gross_minor: number;
  readonly lines: readonly ReceivableLine[];
}

export interface ReceivableLine {
  readonly line_number: number;
  readonly description: string;
  readonly amount_minor: number;
  readonly is_tax: boolean;
}

/** An invoice that has its number. */
export interface NumberedInvoice {
  readonly id: string;
  readonly number: string;
  readonly tenantId: string;
  readonly status: Exclude<InvoiceStatus, 'draft'>;
  readonly period: Period;
  readonly issuedAt: Date;
  readonly paidAt: Date | null;
  readonly voidedAt: Date | null;
  readonly voidReason: string | null;
  readonly currency: Currency;
  readonly subtotalCents: number;
  readonly taxCents: number;
  readonly totalCents: number;
}

export interface BilledLine {
  readonly position: number;
  readonly kind: LineKind;
  readonly description: string;
  readonly amountCents: number;
}

/** The same invoice and lines give the same body, byte for byte, in whatever order the lines come. */
export function receivablePayload(invoice: NumberedInvoice, lines: readonly BilledLine[]): ReceivablePayload {
  const dayOrNull = (at: Date | null) => (at === null ? null : dayOf(at));
  return {
    source: 'arcadia-cloud',
    direction: 'receivable',
    external_id: invoice.id,
    number: invoice.number,
    customer: { tenant_id: invoice.tenantId },
    status: invoice.status,
    period: invoice.period.slice(0, 7),
    issued_date: dayOf(invoice.issuedAt),
    paid_date: dayOrNull(invoice.paidAt),
    voided_date: dayOrNull(invoice.voidedAt),
    void_reason: invoice.voidReason,
    currency: invoice.currency,
    amount_net_minor: invoice.subtotalCents,
    amount_tax_minor: invoice.taxCents,
    amount_gross_minor: invoice.totalCents,
    lines: lines
      .toSorted((a, b) => a.position - b.position)
      .map(({ position, kind, description, amountCents }) => ({
        line_number: position,
        description,
        amount_minor: amountCents,
        is_tax: kind === 'tax',
      })),
  };
}
