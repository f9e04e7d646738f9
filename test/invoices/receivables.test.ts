import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { recoverReceivablePushes } from '../../src/services/invoices/push-receivable.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { startFinance, type TestFinance, type Watch, watchCosts } from '../costs/costs-app.js';
import { JWT_SECRET } from '../support/app.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id number status } } }');
const PAY = gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { id number status } } }');
const VOID = gql(
  'mutation($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { invoice { id number status } } }',
);
const START = Date.parse('2026-05-01T03:00:00.000Z');

let finance: TestFinance;
let app: BillingApp;
let watch: Watch;
let seconds = 0;
const now = () => new Date(START + seconds * 1_000).toISOString();
const advance = (by: number) => {
  seconds += by;
  app.setTime(now());
};

beforeAll(async () => {
  finance = await startFinance();
  app = await startBillingApp('2026-05-01T03:00:00.000Z', {
    worker: true,
    environment: {
      SKYAI_FINANCE_URL: finance.url,
      SKYAI_FINANCE_TENANT_ID: 'sky-ai-books',
      SKYAI_FINANCE_ROLES: 'importer, books:write',
    },
  });
  watch = await watchCosts(app.databaseUrl);
});
afterAll(async () => {
  await watch.close();
  await app.close();
  await finance.close();
});
afterEach(() => {
  finance.received.length = 0;
  finance.answer((response, body) =>
    response.writeHead(201).end(JSON.stringify({ action: 'created', id: `fin-${body.external_id}` })),
  );
});

/** A draft of Studio's April for a new tenant; answers its id. */
async function draft(tenantId: string): Promise<string> {
  const deployment = await app.createDeployment(tenantId, tenantId);
  await app.subscribe(deployment, 'studio', { startsOn: '2026-04-01' });
  await app.data(gql('mutation($t: String) { rollUpInvoices(period: "2026-04-01", tenantId: $t) { created } }'), {
    t: tenantId,
  });
  const { invoices } = await app.data(
    gql('query($t: String) { invoices(filter: { tenantId: $t }) { nodes { id } } }'),
    {
      t: tenantId,
    },
  );
  return present(invoices.nodes[0]).id;
}
const receivable = async (id: string) =>
  present(
    (
      await app.data(
        gql(
          `query($id: ID!) { invoice(id: $id) { receivable { pushedStatus pushedAt financeInvoiceId error nextAttemptAt } } }`,
        ),
        { id },
      )
    ).invoice,
  ).receivable;
const pushed = (id: string, status: string) => watch.until(async () => (await receivable(id))?.pushedStatus === status);
const failed = (id: string, attempts: number) =>
  watch.until(async () => {
    const row = await app.row(
      'select attempts, lease_until, next_attempt_at from receivable_pushes where invoice_id = $1',
      [id],
    );
    return row.attempts === attempts && row.lease_until === null && row.next_attempt_at !== null;
  });
const sweep = () => recoverReceivablePushes(app.app);

describe('finance', () => {
  it('receives an issued invoice whole, once, and it again as it is paid, under the same external id', async () => {
    for (let day = 1; day <= 30; day++) await meterUsage(app.app, `2026-04-${String(day).padStart(2, '0')}` as never);
    const id = await draft('acme');
    expect(await receivable(id)).toBeNull();
    await sweep();
    const { issueInvoice } = await app.data(ISSUE, { id });
    await pushed(id, 'ISSUED');
    expect(finance.received).toHaveLength(1);
    const [{ authorization, body }] = finance.received as [TestFinance['received'][number]];
    const issued = {
      source: 'arcadia-cloud',
      direction: 'receivable',
      external_id: id,
      number: issueInvoice.invoice.number,
      customer: { tenant_id: 'acme' },
      status: 'issued',
      period: '2026-04',
      issued_date: '2026-05-01',
      paid_date: null,
      voided_date: null,
      void_reason: null,
      currency: 'AUD',
      amount_net_minor: 5000,
      amount_tax_minor: 500,
      amount_gross_minor: 5500,
      lines: [
        { line_number: 1, description: expect.any(String), amount_minor: 5000, is_tax: false },
        { line_number: 2, description: expect.any(String), amount_minor: 500, is_tax: true },
      ],
    };
    expect(body).toEqual(issued);
    const claims = jwt.verify(authorization.replace('Bearer ', ''), JWT_SECRET, { ignoreExpiration: true });
    expect(claims).toMatchObject({ tenant_id: 'sky-ai-books', roles: ['importer', 'books:write'] });
    expect(await receivable(id)).toEqual({
      pushedStatus: 'ISSUED',
      pushedAt: now(),
      financeInvoiceId: `fin-${id}`,
      error: null,
      nextAttemptAt: null,
    });
    advance(100_000);
    await sweep(); // nothing is owed
    await app.data(PAY, { id });
    await pushed(id, 'PAID');
    expect(finance.received.map((each) => each.body.status)).toEqual(['issued', 'paid']);
    expect(finance.received[1]?.body).toEqual({
      ...issued,
      lines: body.lines,
      status: 'paid',
      paid_date: '2026-05-02',
    });
  });

  it('is asked again, each time later, and a void invoice is told to it with its reason', async () => {
    const id = await draft('refused');
    finance.answer((response) => response.writeHead(422).end('{"message":"customer is unknown"}'));
    await app.data(ISSUE, { id });
    for (let attempt = 1; attempt <= 3; attempt++) {
      await failed(id, attempt);
      const delay = 30 * 2 ** (attempt - 1);
      expect(await receivable(id)).toEqual({
        pushedStatus: null,
        pushedAt: null,
        financeInvoiceId: null,
        error: 'finance rejected the invoice: 422 customer is unknown',
        nextAttemptAt: new Date(Date.parse(now()) + delay * 1_000).toISOString(),
      });
      advance(delay - 1);
      await sweep();
      expect(finance.received).toHaveLength(attempt);
      advance(1);
      if (attempt < 3) await sweep();
    }
    finance.answer((response) => response.writeHead(201).end('{"action":"created","id":71}'));
    await app.data(VOID, { id, reason: 'billed twice' });
    await pushed(id, 'VOID');
    expect(finance.received.at(-1)?.body).toMatchObject({
      status: 'void',
      external_id: id,
      void_reason: 'billed twice',
      voided_date: now().slice(0, 10),
    });
    expect(await receivable(id)).toMatchObject({ financeInvoiceId: '71', error: null, nextAttemptAt: null });
  });

  it('gets one push of what several sweep at once, and nothing of a draft that is voided', async () => {
    const [id, voided] = [await draft('swept'), await draft('never-issued')];
    finance.answer((response) => response.writeHead(503).end());
    await app.data(ISSUE, { id });
    await app.data(VOID, { id: voided, reason: 'not wanted' });
    await failed(id, 1);
    finance.answer((response) => response.writeHead(201).end('{"action":"created","id":"one"}'));
    advance(30);
    await Promise.all([sweep(), sweep(), sweep(), sweep()]);
    await pushed(id, 'ISSUED');
    expect(finance.received).toHaveLength(2);
    expect(await receivable(voided)).toBeNull();
  });

  it('is for operators to see', async () => {
    const id = await draft('curious');
    const query = gql(
      `query($id: ID!) { invoice(id: $id) { receivable { pushedStatus pushedAt financeInvoiceId error nextAttemptAt } } }`,
    );
    expect(await app.codeOf(query, { id }, app.tenant('curious'))).toBe('FORBIDDEN');
  });
});

describe('finance that is configured later', () => {
  it('gets what was issued before, in its status of now', async () => {
    const early = await startBillingApp('2026-05-01T03:00:00.000Z');
    const books = await startFinance();
    try {
      const deployment = await early.createDeployment('early', 'early');
      await early.subscribe(deployment, 'starter', { startsOn: '2026-04-01' });
      for (let day = 1; day <= 30; day++)
        await meterUsage(early.app, `2026-04-${String(day).padStart(2, '0')}` as never);
      await early.data(gql('mutation { rollUpInvoices(period: "2026-04-01") { created } }'));
      const { invoices } = await early.data(gql('{ invoices { nodes { id } } }'));
      const { id } = present(invoices.nodes[0]);
      await early.data(ISSUE, { id });
      await early.data(PAY, { id });
      await recoverReceivablePushes(early.app);
      expect(
        (
          await early.data(
            gql(`{ invoices { nodes { receivable { pushedStatus pushedAt financeInvoiceId error nextAttemptAt } } } }`),
          )
        ).invoices.nodes,
      ).toEqual([
        {
          receivable: { pushedStatus: null, pushedAt: null, financeInvoiceId: null, error: null, nextAttemptAt: null },
        },
      ]);
      const later = await startBillingApp('2026-06-01', {
        worker: true,
        databaseUrl: early.databaseUrl,
        sandboxUrl: early.sandboxUrl,
        environment: { SKYAI_FINANCE_URL: books.url },
      });
      const laterWatch = await watchCosts(early.databaseUrl);
      await laterWatch.until(
        async () => (await early.sql('select from receivable_pushes where pushed_status = owed_status')).length === 1,
      );
      expect(books.received.map(({ body }) => [body.external_id, body.status, body.amount_gross_minor])).toEqual([
        [id, 'paid', 2200],
      ]);
      await laterWatch.close();
      await later.close();
    } finally {
      await early.close();
      await books.close();
    }
  });
});
