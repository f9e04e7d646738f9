import { dayOf, nextPeriod, type Period, periodOf, previousPeriod, startOfDay } from '../time/period.js';
import { parseProviderAmount } from './provider-money.js';

/** What is known of a provider's invoice before its lines are read. */
export interface InvoiceHeader {
  /** The provider's UUID of it. */
  readonly providerId: string;
  readonly period: Period;
  readonly totalCents: number;
  readonly issuedAt: Date;
}

/** An entry of the billing history; only those of type `Invoice` carry a uuid. */
export interface HistoryEntry {
  readonly type: string;
  readonly date: string;
  readonly description: string;
  readonly amount: string;
  readonly invoiceUuid: string | null;
}

/** An entry of the list of invoices. */
export interface ListedInvoice {
  readonly uuid: string;
  /** YYYY-MM */
  readonly period: string;
  readonly amount: string;
}

/**
 * The headers, oldest first. The list knows each invoice's period and the history when it was issued; one that only one
 * of them has yet is taken from that one. Throws where the provider writes what is no amount or no time.
 */
export function invoiceHeaders(history: readonly HistoryEntry[], listed: readonly ListedInvoice[]): InvoiceHeader[] {
  const issued = new Map(
    history.flatMap((entry) => (entry.type === 'Invoice' && entry.invoiceUuid ? [[entry.invoiceUuid, entry]] : [])),
  );
  const headers = listed.map(({ uuid, period: month, amount }): InvoiceHeader => {
    const period = `${month}-01` as Period;
    const entry = issued.get(uuid);
    const issuedAt = entry ? instant(entry.date) : startOfDay(nextPeriod(period));
    return { providerId: uuid, period, totalCents: cents(amount), issuedAt };
  });
  const known = new Set(headers.map((header) => header.providerId));
  for (const [uuid, entry] of issued) {
    if (known.has(uuid)) continue;
    const issuedAt = instant(entry.date);
    const period = monthNamedIn(entry.description) ?? previousPeriod(periodOf(dayOf(issuedAt)));
    headers.push({ providerId: uuid, period, totalCents: cents(entry.amount), issuedAt });
  }
  return headers.sort((a, b) => a.issuedAt.getTime() - b.issuedAt.getTime());
}

function cents(amount: string): number {
  const parsed = parseProviderAmount(amount);
  if ('error' in parsed) throw new RangeError(`an invoice's amount: ${parsed.error}`);
  return parsed.cents;
}

function instant(date: string): Date {
  const at = new Date(date);
  if (Number.isNaN(at.getTime())) throw new RangeError(`an invoice's date: ${JSON.stringify(date)} is not a time`);
  return at;
}

const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** "Invoice for May 2018". */
function monthNamedIn(description: string): Period | null {
  const [, name = '', year = ''] = /\b([a-z]+) (\d{4})\b/i.exec(description) ?? [];
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  return month === 0 ? null : (`${year}-${String(month).padStart(2, '0')}-01` as Period);
}
