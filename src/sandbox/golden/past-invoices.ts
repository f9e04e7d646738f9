import type { SandboxInvoiceLine } from '../account.js';
import { gstLine, hourlyCents, line, type Month, month } from './invoice-lines.js';

/** Who lived when: name, size, monthly price in cents, first and last month that is billed. */
const LIVES: readonly [name: string, size: string, monthlyCents: number, from: string, to: string][] = [
  ['first-steps', '512mb', 500, '2014-12', '2016-03'],
  ['wp-church', '1gb', 1000, '2015-02', '2017-08'],
  ['shop-trial', '1gb', 1000, '2016-05', '2017-01'],
  ['intranet', '2gb', 2000, '2017-03', '2019-06'],
  ['wp-church-2', 's-1vcpu-1gb', 500, '2017-09', '2019-11'],
  ['forum', 's-1vcpu-2gb', 1000, '2018-04', '2020-12'],
  ['build-box', 's-2vcpu-4gb', 2000, '2019-02', '2021-05'],
  ['holyspiritbraypark.com', 's-1vcpu-512mb-10gb', 400, '2019-11', '2026-03'],
  ['git.sky-ai.com', 's-1vcpu-1gb', 600, '2020-06', '2026-03'],
  ['mail.sky-ai.com', 's-1vcpu-1gb', 600, '2021-02', '2026-03'],
  ['crm-pilot', 's-2vcpu-4gb', 2400, '2021-09', '2022-07'],
  ['parish-bulletin', 's-1vcpu-512mb-10gb', 400, '2022-08', '2026-03'],
  ['ml-lab', 'c-4', 8400, '2023-05', '2023-08'],
  ['studio-demo', 's-1vcpu-1gb', 600, '2024-09', '2026-03'],
  ['staging-alpha', 's-2vcpu-4gb', 2400, '2025-10', '2026-03'],
];
/** With weekly backups, from this month on. */
const BACKED_UP: Readonly<Record<string, string>> = {
  intranet: '2017-06',
  forum: '2018-04',
  'mail.sky-ai.com': '2021-03',
  'parish-bulletin': '2022-09',
};
const SPACES_FROM = '2020-02';
const GST_FROM = '2017-07';
const FIRST_CATEGORY = '2021-01';

export interface PastInvoice {
  readonly month: Month;
  readonly lines: SandboxInvoiceLine[];
  readonly hasCategory: boolean;
}

/**
 * December 2014 to March 2026 without January 2015, in which nothing was used: 135 months. November 2024 crossed the
 * spending threshold in its middle and has two invoices. With April 2026 that makes 137.
 */
export function pastInvoices(): PastInvoice[] {
  const invoices: PastInvoice[] = [];
  for (let year = 2014; year <= 2026; year++) {
    for (let number = 1; number <= 12; number++) {
      const each = month(year, number);
      if (each.period < '2014-12' || each.period === '2015-01' || each.period > '2026-03') continue;
      if (each.period === '2024-11') invoices.push(invoiceOf(each, thresholdLines(each)));
      invoices.push(invoiceOf(each, monthLines(each)));
    }
  }
  return invoices;
}

function invoiceOf(each: Month, lines: SandboxInvoiceLine[]): PastInvoice {
  const hasCategory = each.period >= FIRST_CATEGORY;
  const all = each.period >= GST_FROM ? [...lines, gstLine(lines, each)] : lines;
  return { month: each, lines: hasCategory ? all : all.map((one) => ({ ...one, category: '' })), hasCategory };
}

function monthLines(each: Month): SandboxInvoiceLine[] {
  const { period, hours, start, next, lastSecond } = each;
  const living = LIVES.filter(([, , , from, to]) => from <= period && period <= to);
  const lines = living.map(([name, size, monthlyCents, from]) => {
    // The first month is used from its tenth day on.
    const used = from === period ? hours - 216 : hours;
    const begin = from === period ? new Date(Date.parse(start) + 216 * 3_600_000).toISOString() : start;
    return line('Droplets', `${name} (${size})`, hourlyCents(used, monthlyCents), {
      hours: String(used),
      start: begin,
      end: next,
    });
  });
  for (const [name, , monthlyCents] of living) {
    if ((BACKED_UP[name] ?? '9999') > period) continue;
    const taken = new Date(Date.parse(next) - 12 * 3_600_000).toISOString();
    lines.push(
      line('Droplet Backups', `${name} (Weekly Backup Services)`, (monthlyCents * 4) / 20, {
        hours: '4',
        start: taken,
        end: taken,
      }),
    );
  }
  if (period >= SPACES_FROM) {
    lines.push(
      line('Spaces Subscription', 'Spaces ($5/mo 250GB storage & 1TB bandwidth)', 500, { start, end: lastSecond }),
    );
  }
  return lines;
}

function thresholdLines({ start }: Month): SandboxInvoiceLine[] {
  const end = new Date(Date.parse(start) + 14 * 86_400_000).toISOString();
  return [line('Droplets', 'render-burst (c-4)', hourlyCents(300, 8400), { hours: '300', start, end })];
}
