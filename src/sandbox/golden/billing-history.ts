import type { SandboxInvoice, WireObject } from '../account.js';
import { dollars } from './dollars.js';

/** What the provider gave; each is used up by the invoices after it. */
const CREDITS: readonly { readonly date: string; readonly description: string; readonly cents: number }[] = [
  { date: '2014-12-04T03:10:00Z', description: 'Promo code: welcome credit', cents: 1000 },
  { date: '2021-08-17T06:22:41Z', description: 'Service credit: SYD1 network outage', cents: 800 },
];
/** The card is charged an hour after the invoice. */
const PAID_AFTER_MS = 3_600_000;

export interface BillingHistory {
  /** Newest first. */
  readonly entries: WireObject[];
  /** What the entries leave to pay. */
  readonly accountCents: number;
}

/** Credits first, the card for the rest. Only an invoice's entry has an id. */
export function billingHistory(oldestFirst: readonly SandboxInvoice[]): BillingHistory {
  const entries: WireObject[] = [];
  const credits = [...CREDITS];
  let accountCents = 0;
  const add = (type: string, description: string, cents: number, date: string, ids: WireObject = {}) => {
    entries.push({ description, amount: dollars(cents), ...ids, date, type });
    accountCents += cents;
  };
  for (const { uuid, invoiceId, period, totalCents, updatedAt } of oldestFirst) {
    for (let credit = credits[0]; credit && credit.date < updatedAt; credit = credits[0]) {
      add('Credit', credit.description, -credit.cents, credit.date);
      credits.shift();
    }
    const ids = { invoice_id: invoiceId, invoice_uuid: uuid };
    add('Invoice', `Invoice for ${monthName(period)}`, totalCents, updatedAt, ids);
    const paidAt = new Date(Date.parse(updatedAt) + PAID_AFTER_MS).toISOString().replace('.000Z', 'Z');
    if (accountCents > 0) add('Payment', 'Payment (MC 2018)', -accountCents, paidAt);
  }
  return { entries: entries.reverse(), accountCents };
}

function monthName(period: string): string {
  const start = new Date(`${period}-01T00:00:00Z`);
  return new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(start);
}
