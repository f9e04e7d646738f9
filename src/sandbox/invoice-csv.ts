import type { SandboxInvoice } from './account.js';
import { dollars } from './golden/dollars.js';

const COLUMNS = ['product', 'group_description', 'description', 'hours', 'start', 'end', 'USD', 'project_name'];

/** As the provider prints it: a dollar sign, times that are not ISO 8601, quotes where RFC 4180 asks for them. */
export function invoiceCsv({ lines, hasCategory }: SandboxInvoice): string {
  const rows = lines.map((line) => [
    line.product,
    line.groupDescription,
    line.description,
    line.hours,
    time(line.start),
    time(line.end),
    line.cents < 0 ? `-$${dollars(-line.cents)}` : `$${dollars(line.cents)}`,
    line.projectName,
    ...(hasCategory ? [line.category] : []),
  ]);
  const header = [...COLUMNS, ...(hasCategory ? ['category'] : [])];
  return [header, ...rows].map((cells) => `${cells.map(quoted).join(',')}\n`).join('');
}

/** `DigitalOcean Invoice 2020 Jul (6173678-418071234).csv` */
export function csvFileName({ period, invoiceId, uuid }: SandboxInvoice): string {
  const month = new Intl.DateTimeFormat('en', { month: 'short', timeZone: 'UTC' }).format(new Date(`${period}-01`));
  return `DigitalOcean Invoice ${period.slice(0, 4)} ${month} (${Number.parseInt(uuid.slice(0, 6), 16)}-${invoiceId}).csv`;
}

function time(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} +0000`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
