import type { Billing, SandboxInvoice, SandboxInvoiceLine, WireObject } from './account.js';
import { dollars } from './golden/dollars.js';

const PREVIEW_UUID = 'fdabb512-6faf-443c-ba2e-665452332a9e';

/** What the list of invoices says of the month that is not invoiced yet. */
export function previewHeader(billing: Billing): WireObject {
  const { uuid, period, totalCents, updatedAt } = previewInvoice(billing);
  return { invoice_uuid: uuid, amount: dollars(totalCents), invoice_period: period, updated_at: updatedAt };
}

/** The month after the newest invoice, in its proportions: no line of it is known, but they add up to the usage. */
export function previewInvoice({ balance, invoices }: Billing): SandboxInvoice {
  const totalCents = centsOf(balance['month_to_date_usage']);
  const [newest] = invoices;
  return {
    uuid: PREVIEW_UUID,
    invoiceId: 'preview',
    period: newest ? monthAfter(newest.period) : String(balance['generated_at']).slice(0, 7),
    totalCents,
    updatedAt: String(balance['generated_at']),
    lines: newest ? scaled(newest, totalCents) : [],
    hasCategory: true,
  };
}

function scaled({ lines, totalCents: before, period }: SandboxInvoice, totalCents: number): SandboxInvoiceLine[] {
  const start = `${monthAfter(period)}-01T00:00:00Z`;
  const parts = lines.map((line) => (before === 0 ? 0 : Math.trunc((line.cents * totalCents) / before)));
  const rest = totalCents - parts.reduce((sum, cents) => sum + cents, 0);
  return lines.map((line, n) => ({
    ...line,
    hours: '',
    start,
    end: start,
    cents: (parts[n] as number) + (n === 0 ? rest : 0),
  }));
}

function monthAfter(period: string): string {
  const [year, month] = period.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 7);
}

/** `23.44`, always with two decimals. */
function centsOf(amount: unknown): number {
  return Number(String(amount).replace('.', ''));
}
