import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import type { Account, SandboxInvoice } from '../../src/sandbox/account.js';
import { goldenAccount } from '../../src/sandbox/golden/account.js';
import { get, send, start } from './running-sandbox.js';

const MY = '/v2/customers/my/invoices';

/** The golden account with one invoice: a credit, a comma, quotes, and a line without hours. */
function withInvoice(): Account {
  const account = goldenAccount();
  const line = {
    product: 'Droplets',
    groupDescription: '',
    description: 'web, "one" (s-1vcpu-1gb)',
    hours: '720',
    start: '2026-04-01T00:00:00.000Z',
    end: '2026-05-01T00:00:00.000Z',
    cents: 600,
    projectName: 'sky-ai',
    category: 'iaas',
    resourceId: '231908303',
    resourceUuid: null,
  };
  const credit = { ...line, product: 'Credits', description: 'Credits', hours: '', cents: -108, resourceId: null };
  const invoice: SandboxInvoice = {
    uuid: '00000000-0000-4000-a000-000000000001',
    invoiceId: '77',
    period: '2026-04',
    totalCents: 492,
    updatedAt: '2026-05-01T00:00:00Z',
    lines: [line, credit],
    hasCategory: true,
  };
  account.billing = { ...account.billing, invoices: [invoice] };
  return account;
}

describe('an invoice', () => {
  it('is printed as the provider prints it', async () => {
    const sandbox = await start({ account: withInvoice });
    const answer = await send(sandbox, 'GET', `${MY}/00000000-0000-4000-a000-000000000001/csv`);
    expect([answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([
      'text/csv',
      'attachment; filename="DigitalOcean Invoice 2026 Apr (0-77).csv"',
    ]);
    expect((await answer.text()).split('\n')).toEqual([
      'product,group_description,description,hours,start,end,USD,project_name,category',
      'Droplets,,"web, ""one"" (s-1vcpu-1gb)",720,2026-04-01 00:00:00 +0000,2026-05-01 00:00:00 +0000,$6.00,sky-ai,iaas',
      'Credits,,Credits,,2026-04-01 00:00:00 +0000,2026-05-01 00:00:00 +0000,-$1.08,sky-ai,iaas',
      '',
    ]);
  });

  it('adds up in its list, its items, its summary and its CSV, each of them', async () => {
    const sandbox = await start();
    const { invoices } = await get(sandbox, `${MY}?per_page=200`);
    const cents = (amount: string) => Number(amount.replace('$', '').replace('.', ''));
    for (const { invoice_uuid: uuid, amount } of [invoices[0], invoices[40], invoices[90], invoices.at(-1)]) {
      const items: any[] = [];
      for (let page = 1, isLast = false; !isLast; page++) {
        const { invoice_items, links } = await get(sandbox, `${MY}/${uuid}?per_page=5&page=${page}`);
        items.push(...invoice_items);
        isLast = !links.pages?.next;
      }
      const rows: any[] = parse(await (await send(sandbox, 'GET', `${MY}/${uuid}/csv`)).text(), { columns: true });
      const {
        amount: summed,
        product_charges,
        taxes,
        credits_and_adjustments,
      } = await get(sandbox, `${MY}/${uuid}/summary`);
      const sums = [
        items.reduce((sum, item) => sum + cents(item.amount), 0),
        rows.reduce((sum, row) => sum + cents(row.USD), 0),
        cents(summed),
        cents(product_charges.amount) + cents(taxes.amount) + cents(credits_and_adjustments.amount),
      ];
      expect(sums).toEqual(Array(4).fill(cents(amount)));
    }
  });

  it('of the running month is a preview beside the list, whose items add up to the usage', async () => {
    const sandbox = await start();
    const { invoice_preview, invoices } = await get(sandbox, MY);
    expect(invoice_preview).toMatchObject({ amount: '23.44', invoice_period: '2026-05' });
    expect(invoices[0].invoice_period).toBe('2026-04');
    const { invoice_items } = await get(sandbox, `${MY}/preview?per_page=200`);
    const sum = invoice_items.reduce((total: number, item: any) => total + Number(item.amount.replace('.', '')), 0);
    expect(sum).toBe(2344);
  });
});
