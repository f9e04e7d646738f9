import type { SandboxInvoiceLine } from '../account.js';

/** A month's price covers 672 hours; more of them cost nothing more. Half up to the cent, once a line. */
export function hourlyCents(hours: number, monthlyCents: number): number {
  const billed = Math.min(hours, 672);
  return Math.floor((2 * billed * monthlyCents + 672) / (2 * 672));
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
  readonly hours: number;
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
    hours: (next - start) / 3_600_000,
    start: new Date(start).toISOString(),
    next: new Date(next).toISOString(),
    lastSecond: new Date(next - 1000).toISOString(),
  };
}

/** Australian GST on digital services, from July 2017 on; ten per cent of the sum of the lines, half up. */
export function gstLine(lines: readonly SandboxInvoiceLine[], { start, lastSecond }: Month): SandboxInvoiceLine {
  const subtotal = lines.reduce((sum, each) => sum + each.cents, 0);
  return line('Taxes', 'GST (10.00%)', Math.floor((subtotal * 2 + 10) / 20), { start, end: lastSecond });
}
