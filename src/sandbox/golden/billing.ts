import { createHash } from 'node:crypto';
import type { Billing, SandboxInvoice, SandboxInvoiceLine, WireObject } from '../account.js';
import { april2026 } from './april-2026.js';
import { month } from './invoice-lines.js';
import { pastInvoices } from './past-invoices.js';

/** 137 invoices back to December 2014, newest first, and the payments that settled them. */
export function goldenBilling(): Billing {
  const april = { month: month(2026, 4), lines: april2026(), hasCategory: true };
  const invoices = [...pastInvoices(), april].map(
    ({ month: { period, next }, lines, hasCategory }, index): SandboxInvoice => {
      const isMidMonth = period === '2024-11' && lines.some((line) => line.description.startsWith('render-burst'));
      return {
        uuid: uuidOf(`invoice ${index} of ${period}`),
        invoiceId: String(40_000_000 + index * 3_717),
        period,
        totalCents: sum(lines),
        updatedAt: isMidMonth ? '2024-11-15T00:05:00Z' : next.replace('.000Z', 'Z'),
        lines,
        hasCategory,
      };
    },
  );
  const newestFirst = invoices.reverse();
  return { balance: balance(), history: newestFirst.flatMap(historyOf), invoices: newestFirst };
}

/** The same text is the same UUID, in the form of a random one. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function sum(lines: readonly SandboxInvoiceLine[]): number {
  return lines.reduce((total, { cents }) => total + cents, 0);
}

export function dollars(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function balance(): WireObject {
  return {
    month_to_date_balance: '23.44',
    account_balance: '0.00',
    month_to_date_usage: '23.44',
    generated_at: '2026-04-30T23:59:00Z',
  };
}

function historyOf({ uuid, invoiceId, period, totalCents, updatedAt }: SandboxInvoice): WireObject[] {
  const paid = new Date(Date.parse(updatedAt) + 3_600_000).toISOString().replace('.000Z', 'Z');
  const name = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${period}-01T00:00:00Z`),
  );
  return [
    { description: 'Payment (MC 2018)', amount: dollars(-totalCents), date: paid, type: 'Payment' },
    {
      description: `Invoice for ${name}`,
      amount: dollars(totalCents),
      invoice_id: invoiceId,
      invoice_uuid: uuid,
      date: updatedAt,
      type: 'Invoice',
    },
  ];
}
