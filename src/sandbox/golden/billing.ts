import type { Billing, SandboxInvoice } from '../account.js';
import { april2026 } from './april-2026.js';
import { billingHistory } from './billing-history.js';
import { dollars } from './dollars.js';
import { month } from './invoice-lines.js';
import { type GoldenInvoice, pastInvoices } from './past-invoices.js';
import { stableUuid } from './stable-ids.js';

/** What May 2026 has cost so far. */
const USAGE_CENTS = 2344;

/** 137 invoices back to December 2014, newest first, and the credits and payments that settled them. */
export function goldenBilling(): Billing {
  const april = { period: '2026-04', issuedAt: month(2026, 4).next, lines: april2026(), hasCategory: true };
  const oldestFirst = [...pastInvoices(), april].map(invoiceObject);
  const { entries, accountCents } = billingHistory(oldestFirst);
  const balance = {
    month_to_date_balance: dollars(accountCents + USAGE_CENTS),
    account_balance: dollars(accountCents),
    month_to_date_usage: dollars(USAGE_CENTS),
    generated_at: '2026-05-09T10:15:04Z',
  };
  return { balance, history: entries, invoices: oldestFirst.reverse() };
}

function invoiceObject({ period, issuedAt, lines, hasCategory }: GoldenInvoice, index: number): SandboxInvoice {
  return {
    uuid: stableUuid(`invoice ${index} of ${period}`),
    invoiceId: String(40_000_000 + index * 3_717),
    period,
    totalCents: lines.reduce((total, { cents }) => total + cents, 0),
    updatedAt: issuedAt.replace('.000Z', 'Z'),
    lines: [...lines],
    hasCategory,
  };
}
