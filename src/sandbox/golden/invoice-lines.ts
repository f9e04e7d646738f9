import type { SandboxInvoiceLine } from '../account.js';

const CAPPED_HOURS = 672;

/** A month's price covers 672 hours; more of them cost nothing more. Half up to the cent, once a line. */
export function hourlyCents(hours: number, monthlyCents: number): number {
  return quotient(Math.min(hours, CAPPED_HOURS) * monthlyCents, CAPPED_HOURS);
}

/** The same for so much a gigabyte, of which there are hundredths; at least one cent. */
export function gigabyteCents(hours: number, sizeGb: number, gbCents: number): number {
  const hundredths = Math.round(sizeGb * 100);
  return Math.max(1, quotient(Math.min(hours, CAPPED_HOURS) * hundredths * gbCents, CAPPED_HOURS * 100));
}

/** Each backup of a week is a quarter of a fifth of the month's price, and four are the most that are paid for. */
export function backupCents(count: number, monthlyCents: number): number {
  return quotient(Math.min(count, 4) * monthlyCents, 20);
}

/** Half up, in integers. */
function quotient(dividend: number, divisor: number): number {
  return Math.floor((2 * dividend + divisor) / (2 * divisor));
}

export function line(
  product: string,
  description: string,
  cents: number,
  rest: Partial<Omit<SandboxInvoiceLine, 'product' | 'description' | 'cents'>> &
    Pick<SandboxInvoiceLine, 'start' | 'end'>,
): SandboxInvoiceLine {
  return {
    product,
    groupDescription: '',
    description,
    hours: '',
    cents,
    projectName: '',
    category: 'iaas',
    resourceId: null,
    resourceUuid: null,
    ...rest,
  };
}

export interface Month {
  /** YYYY-MM */
  readonly period: string;
  readonly start: string;
  /** The first instant of the next month: where droplet lines end. */
  readonly next: string;
  /** The last second: where volumes, snapshots and taxes end. */
  readonly lastSecond: string;
}

export function month(year: number, number: number): Month {
  const start = Date.UTC(year, number - 1, 1);
  const next = Date.UTC(year, number, 1);
  return {
    period: new Date(start).toISOString().slice(0, 7),
    start: new Date(start).toISOString(),
    next: new Date(next).toISOString(),
    lastSecond: new Date(next - 1000).toISOString(),
  };
}

export function spacesLine({ start, lastSecond }: Month): SandboxInvoiceLine {
  return line('Spaces Subscription', 'Spaces ($5/mo 250GB storage & 1TB bandwidth)', 500, { start, end: lastSecond });
}

/** Australian GST on digital services: ten per cent of the sum of the lines, half up. */
export function gstLine(
  lines: readonly SandboxInvoiceLine[],
  { start, lastSecond }: Pick<Month, 'start' | 'lastSecond'>,
): SandboxInvoiceLine {
  const subtotal = lines.reduce((sum, each) => sum + each.cents, 0);
  return line('Taxes', 'GST (10.00%)', quotient(subtotal, 10), { start, end: lastSecond });
}
