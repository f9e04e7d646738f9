import { describe, expect, it } from '@jest/globals';
import type { SandboxInvoice, SandboxInvoiceLine, WireObject } from '../../src/sandbox/account.js';
import { goldenAccount } from '../../src/sandbox/golden/account.js';

const { billing, ...account } = goldenAccount();
const { invoices, history, balance } = billing;
const sum = (lines: readonly SandboxInvoiceLine[]): number => lines.reduce((total, { cents }) => total + cents, 0);
const isTax = ({ product }: SandboxInvoiceLine): boolean => product === 'Taxes';
const cents = (amount: unknown): number => Number(String(amount).replace('.', ''));
const nameOf = ({ description }: SandboxInvoiceLine): string => description.slice(0, description.lastIndexOf(' ('));
const hoursOf = ({ start, end }: SandboxInvoiceLine): number => (Date.parse(end) - Date.parse(start)) / 3_600_000;
const of = (product: string) => (line: SandboxInvoiceLine) => line.product === product;
const monthAfter = (period: string): string =>
  new Date(Date.UTC(Number(period.slice(0, 4)), Number(period.slice(5)), 1)).toISOString();

describe('the 137 invoices of the golden account', () => {
  it('go back to December 2014 month by month, but for one without use and one with two', () => {
    const periods: string[] = [];
    for (let next = '2014-12-01'; next < '2026-05'; next = monthAfter(next.slice(0, 7))) periods.push(next.slice(0, 7));
    const expected = [...periods.filter((period) => period !== '2015-01'), '2024-11'].sort().reverse();
    expect(invoices.map(({ period }) => period)).toEqual(expected);
    expect(invoices).toHaveLength(137);
    expect(new Set(invoices.map(({ uuid }) => uuid)).size).toBe(137);
    expect(new Set(invoices.map(({ invoiceId }) => invoiceId)).size).toBe(137);
    const issued = invoices.map(({ updatedAt }) => updatedAt);
    expect(issued).toEqual(issued.toSorted().reverse());
  });

  it('are the sum of their lines, with ten per cent GST from July 2017 on and none before', () => {
    for (const { period, totalCents, lines } of invoices) {
      const net = sum(lines.filter((line) => !isTax(line)));
      expect(lines.every((line) => Number.isSafeInteger(line.cents) && line.cents > 0)).toBe(true);
      expect(lines.filter(isTax).map((line) => [line.description, line.cents])).toEqual(
        period < '2017-07' ? [] : [['GST (10.00%)', Math.floor((net + 5) / 10)]],
      );
      expect([period, sum(lines)]).toEqual([period, totalCents]);
    }
  });

  it('have a category column from 2021 on', () => {
    for (const { period, hasCategory, lines } of invoices) {
      expect([period, hasCategory]).toEqual([period, period >= '2021-01']);
      expect(new Set(lines.map(({ category }) => category))).toEqual(new Set([hasCategory ? 'iaas' : '']));
    }
  });

  it('bill whole hours of their own month: droplets to the first instant of the next, others to its last second', () => {
    for (const { period, lines } of invoices) {
      const next = monthAfter(period);
      for (const line of lines) {
        const isToTheEnd = ['Droplets', 'Floating IPs', 'Droplet Backups'].includes(line.product);
        const last = isToTheEnd ? next : new Date(Date.parse(next) - 1000).toISOString();
        expect([line.description, line.start.slice(0, 7), line.end <= last]).toEqual([line.description, period, true]);
        if (line.product === 'Droplets') expect(line.hours).toBe(String(hoursOf(line)));
      }
    }
  });

  it('bill a droplet that exists from the hour it was made, under its own id', () => {
    for (const droplet of Object.values(account.droplets)) {
      const own = invoices.flatMap(({ lines }) =>
        lines.filter((line) => line.product === 'Droplets' && nameOf(line) === droplet['name']),
      );
      expect(own.at(-1)?.start.slice(0, 13)).toBe(String(droplet['created_at']).slice(0, 13));
      expect(new Set(own.map(({ resourceId }) => resourceId))).toEqual(new Set([String(droplet['id'])]));
    }
  });

  it('are settled by payments and two credits: the history comes to the account balance', () => {
    const ofType = (type: string) => history.filter((entry) => entry['type'] === type);
    expect(ofType('Invoice').map((entry) => [entry['invoice_uuid'], entry['invoice_id'], entry['amount']])).toEqual(
      invoices.map(({ uuid, invoiceId, totalCents }) => [uuid, invoiceId, (totalCents / 100).toFixed(2)]),
    );
    expect(ofType('Credit').map(({ amount }) => amount)).toEqual(['-8.00', '-10.00']);
    // The first invoice is paid by the credit alone.
    expect(ofType('Payment')).toHaveLength(136);
    for (const entry of [...ofType('Payment'), ...ofType('Credit')]) expect('invoice_uuid' in entry).toBe(false);
    const dates = history.map((entry) => String(entry['date']));
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(history.reduce((total, { amount }) => total + cents(amount), 0)).toBe(cents(balance['account_balance']));
    expect(cents(balance['month_to_date_balance'])).toBe(
      cents(balance['account_balance']) + cents(balance['month_to_date_usage']),
    );
  });

  it('are the same each time', () => {
    expect(goldenAccount().billing).toEqual(billing);
  });
});

describe('the golden April 2026', () => {
  const [april] = invoices as [SandboxInvoice];
  const { lines } = april;
  const droplets = Object.values(account.droplets).map(({ name }) => String(name));
  const snapshots = Object.values(account.snapshots).map(({ name }) => String(name));
  const exists = (line: SandboxInvoiceLine): boolean =>
    line.product === 'Droplet Snapshots' ? snapshots.includes(nameOf(line)) : droplets.includes(nameOf(line));
  const row = ({ description, hours, start, end, cents: amount }: SandboxInvoiceLine) =>
    [description, hours, start.slice(5, 16), end.slice(5, 16), amount] as const;

  it('is the newest, with 33 lines and 86.92 of which 7.90 GST', () => {
    expect(april).toMatchObject({ period: '2026-04', updatedAt: '2026-05-01T00:00:00Z', totalCents: 8692 });
    expect([lines.length, sum(lines.filter(isTax)), sum(lines.filter((line) => !isTax(line)))]).toEqual([
      33, 790, 7902,
    ]);
  });

  it('bills the five droplets and their backups 30.53, in odd cents for the one that was resized', () => {
    const theirs = lines.filter((line) => line.product !== 'Droplet Snapshots' && exists(line));
    expect(theirs.map(row)).toEqual([
      ['holyspiritbraypark.com (s-1vcpu-512mb-10gb)', '720', '04-01T00:00', '05-01T00:00', 400],
      ['git.sky-ai.com (s-1vcpu-1gb)', '563', '04-01T00:00', '04-24T11:00', 503],
      ['git.sky-ai.com (s-1vcpu-2gb)', '157', '04-24T11:00', '05-01T00:00', 280],
      ['mail.sky-ai.com (s-1vcpu-1gb)', '720', '04-01T00:00', '05-01T00:00', 600],
      ['parish-bulletin (s-1vcpu-512mb-10gb)', '720', '04-01T00:00', '05-01T00:00', 400],
      ['studio-demo (s-1vcpu-1gb)', '720', '04-01T00:00', '05-01T00:00', 600],
      ['mail.sky-ai.com (Weekly Backup Services)', '4', '04-05T12:15', '04-26T12:15', 120],
      ['git.sky-ai.com (Weekly Backup Services)', '4', '04-05T12:15', '04-26T12:15', 150],
    ]);
    expect(sum(theirs)).toBe(3053);
  });

  it('names 17 things that exist, 11 that are gone, 3 snapshots not quite, the tax and the account', () => {
    const account = lines.filter(of('Spaces Subscription'));
    const notQuite = lines.filter((line) => /0285 \(|golden-image \(|before migration \(/.test(line.description));
    const others = lines.filter((line) => ![...account, ...notQuite].includes(line) && !isTax(line));
    expect(account.map(row)).toEqual([
      ['Spaces ($5/mo 250GB storage & 1TB bandwidth)', '', '04-01T00:00', '04-30T23:59', 500],
    ]);
    expect(others.filter(exists)).toHaveLength(17);
    expect(others.filter((line) => !exists(line)).map(row)).toEqual([
      ['staging-alpha (s-2vcpu-4gb)', '412', '04-01T00:00', '04-18T04:00', 1471],
      ['load-test-1 (s-4vcpu-8gb)', '96', '04-06T00:00', '04-10T00:00', 686],
      ['load-test-2 (s-4vcpu-8gb)', '96', '04-06T00:00', '04-10T00:00', 686],
      ['repo.sky-ai.com (s-1vcpu-2gb)', '300', '04-01T00:00', '04-13T12:00', 536],
      ['import-worker (s-1vcpu-1gb)', '200', '04-01T00:00', '04-09T08:00', 179],
      ['ci-runner (s-2vcpu-2gb)', '10', '04-02T00:00', '04-02T10:00', 27],
      ['release-rehearsal (s-2vcpu-2gb)', '10', '04-14T22:00', '04-15T08:00', 27],
      ['theme-preview-1 (s-1vcpu-1gb)', '112', '04-13T01:00', '04-17T17:00', 100],
      ['theme-preview-2 (s-1vcpu-1gb)', '56', '04-20T02:00', '04-22T10:00', 50],
      ['dns-probe (s-1vcpu-512mb-10gb)', '60', '04-27T00:00', '04-29T12:00', 36],
      ['repo.sky-ai.com (Weekly Backup Services)', '2', '04-05T12:15', '04-12T12:15', 120],
    ]);
    expect(notQuite.map(row)).toEqual([
      ['mail.sky-ai.com-1730419200285 (syd1) 5.91GB Droplet Snapshot', '720', '04-01T00:00', '04-30T23:59', 35],
      ['studio-demo golden-image (syd1) 6.20GB Droplet Snapshot', '720', '04-01T00:00', '04-30T23:59', 37],
      ['git.sky-ai.com before migration (syd1) 8.40GB Droplet Snapshot', '720', '04-01T00:00', '04-30T23:59', 50],
    ]);
  });

  it('bills ten destroyed droplets and the backups of one of them, and the backups of git.sky-ai.com as its own', () => {
    const gone = lines.filter(
      (line) => line.product.startsWith('Droplet') && !exists(line) && !/ Snapshot$/.test(line.description),
    );
    expect(gone.map(({ product }) => product)).toEqual([...Array(10).fill('Droplets'), 'Droplet Backups']);
    expect(nameOf(gone.at(-1) as SandboxInvoiceLine)).toBe('repo.sky-ai.com');
    const git = Object.values(account.droplets).find((droplet) => droplet['name'] === 'git.sky-ai.com') as WireObject;
    expect(git['features']).toContain('backups');
    const backups = lines.find((line) => line.description === 'git.sky-ai.com (Weekly Backup Services)');
    expect(backups).toMatchObject({ cents: 150, resourceId: String(git['id']) });
  });

  it('fills the ids that the provider fills: none for taxes and subscriptions, a UUID for volumes', () => {
    for (const { product, resourceId, resourceUuid } of invoices.flatMap((invoice) => invoice.lines)) {
      const isOfDroplet = product.startsWith('Droplet');
      expect([product, /^\d+$/.test(resourceId ?? ''), resourceUuid !== null]).toEqual([
        product,
        isOfDroplet,
        product === 'Volumes',
      ]);
    }
  });
});
