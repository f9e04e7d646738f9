import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { daysOf, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { CurrencyCode } from '../support/graphql.generated.js';
import { type DataOf, gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-01T03:00:00Z'));

const ROLL_UP = gql(`mutation($period: Date!, $tenantId: String, $force: Boolean = false) {
  rollUpInvoices(period: $period, tenantId: $tenantId, force: $force, allowUnmetered: true) { created skipped replaced failed { tenantId reason } } }`);
const INVOICES = gql(`query($filter: InvoiceFilter) { invoices(filter: $filter) { totalCount nodes {
  id number tenantId period periodEnd status subtotal { amount } tax { amount } total { cents amount currency }
  lines { position deployment { slug } line { kind billingKind description amount { amount cents } meta } } } } }`);
const ISSUE = gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { number status issuedAt } } }');
const rollUp = async (period: string, options: object = {}) =>
  (await app.data(ROLL_UP, { period, ...options })).rollUpInvoices;
const invoicesOf = async (tenantId: string, period?: string) =>
  (await app.data(INVOICES, { filter: { tenantId, ...(period ? { period } : {}) } })).invoices.nodes;
type Invoice = DataOf<typeof INVOICES>['invoices']['nodes'][number];
const amounts = (invoice: Pick<Invoice, 'lines'>) => invoice.lines.map(({ line }) => [line.kind, line.amount.amount]);
const snapshot = () =>
  app.sql(
    `select (select json_agg(i order by id) from invoices i) as invoices, (select json_agg(l order by id) from invoice_lines l) as lines`,
  );
const llm = (
  gatewayRequestId: string,
  deploymentId: string,
  occurredAt: string,
  charge: string,
  currency: CurrencyCode = 'AUD',
) =>
  app.data(gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'), {
    events: [
      { gatewayRequestId, deploymentId, occurredAt, model: 'm', inputTokens: 1, outputTokens: 1, charge, currency },
    ],
  });

it('the golden April: 50.00 + 7.50 + 6.72 = 64.22, GST 6.42, total 70.64', async () => {
  const id = await app.createDeployment('studio', 'golden');
  await app.subscribe(id, 'studio', { addons: ['storage_50gb'], startsOn: '2026-04-01' });
  for (const name of ['web-1', 'web-2', 'web-3']) await app.addResource(id, { kind: 'droplet', name });
  for (const day of daysOf(rangeOf(parsePeriod('2026-04-01')))) await meterUsage(app.app, day);
  expect(await rollUp('2026-04-17')).toEqual({ created: 1, skipped: 0, replaced: 0, failed: [] });
  const invoice = present((await invoicesOf('golden'))[0]);
  expect(invoice).toMatchObject({
    number: null,
    period: '2026-04-01',
    periodEnd: '2026-04-30',
    status: 'DRAFT',
    subtotal: { amount: '64.22' },
    tax: { amount: '6.42' },
    total: { cents: 7064, amount: '70.64', currency: 'AUD' },
  });
  expect(amounts(invoice)).toEqual([
    ['PLAN_BASE', '50.00'],
    ['ADDON', '7.50'],
    ['OVERAGE', '6.72'],
    ['TAX', '6.42'],
  ]);
  expect(invoice.lines.map((line) => line.deployment?.slug ?? null)).toEqual(['studio', 'studio', 'studio', null]);
  expect(present(invoice.lines[2]).line).toMatchObject({
    billingKind: 'DROPLET_HOURS',
    meta: { used: '2160', allowance: '1488' },
  });
  const query = gql('query($id: ID!) { deployment(id: $id) { invoiceLines(period: "2026-04-30") { line { kind } } } }');
  const deployment = present((await app.data(query, { id }, app.tenant('golden'))).deployment);
  expect(deployment.invoiceLines.map(({ line }) => line.kind)).toEqual(['PLAN_BASE', 'ADDON', 'OVERAGE']);

  const before = await snapshot();
  expect(await rollUp('2026-04-01')).toEqual({ created: 0, skipped: 1, replaced: 0, failed: [] });
  expect(await snapshot()).toEqual(before);
  expect(await rollUp('2026-04-01', { force: true })).toEqual({ created: 0, skipped: 0, replaced: 1, failed: [] });
  expect((await invoicesOf('golden'))[0]).toEqual(invoice);
});

it('the first invoice is the quote’s, and two versions in a month are two prorated lines', async () => {
  app.setTime('2026-05-20');
  const id = await app.createDeployment('prorated', 'prorated');
  await app.subscribe(id, 'studio', { addons: ['storage_50gb'] });
  app.setTime('2026-06-01');
  expect(await rollUp('2026-05-01', { tenantId: 'prorated' })).toMatchObject({ created: 1 });
  const [first] = await invoicesOf('prorated', '2026-05-01');
  expect(amounts(present(first))).toEqual([
    ['PLAN_BASE', '19.35'],
    ['ADDON', '2.90'],
    ['TAX', '2.23'],
  ]);
  app.setTime('2026-06-11');
  const { plan, deployment } = await app.data(
    gql('query($id: ID!) { plan(code: "pro") { activeVersion { id } } deployment(id: $id) { subscription { id } } }'),
    { id },
  );
  await app.data(
    gql(
      'mutation($s: ID!, $v: ID!) { changePlanVersion(subscriptionId: $s, planVersionId: $v) { subscription { id } } }',
    ),
    {
      s: present(present(deployment).subscription).id,
      v: present(present(plan).activeVersion).id,
    },
  );
  app.setTime('2026-07-01T03:00:00Z');
  await rollUp('2026-06-01', { tenantId: 'prorated' });
  const second = present((await invoicesOf('prorated', '2026-06-01'))[0]);
  expect(second.lines.map(({ line }) => [line.kind, line.meta.prorationFraction ?? null, line.amount.amount])).toEqual([
    ['PLAN_BASE', '10/30', '16.67'],
    ['PLAN_BASE', '20/30', '80.00'],
    ['ADDON', '30/30', '7.50'],
    ['TAX', null, '10.42'],
  ]);
});

describe('LLM charges', () => {
  it('sum exactly, are rounded once, and what is late goes on the next invoice by name', async () => {
    const id = await app.createDeployment('llm', 'llm');
    for (let n = 0; n < 3; n++) await llm(`llm-${n}`, id, '2026-04-30T23:59:59Z', '0.333333333333');
    await llm('llm-tail', id, '2026-04-01T00:00:00Z', '0.005000000001');
    await rollUp('2026-04-01', { tenantId: 'llm' });
    const april = present((await invoicesOf('llm', '2026-04-01'))[0]);
    expect(amounts(april)).toEqual([
      ['LLM_USAGE', '1.01'],
      ['TAX', '0.10'],
    ]);
    expect(present(april.lines[0]).line.meta.charges).toEqual([
      { period: '2026-04-01', requestCount: 4, exactCents: '100.5' },
    ]);
    await llm('llm-redraft', id, '2026-04-02T00:00:00Z', '1');
    expect(await rollUp('2026-04-01', { tenantId: 'llm', force: true })).toMatchObject({ replaced: 1 });
    expect(amounts(present((await invoicesOf('llm', '2026-04-01'))[0]))[0]).toEqual(['LLM_USAGE', '2.01']);
    await app.data(ISSUE, { id: april.id });
    await llm('llm-late', id, '2026-04-15T00:00:00Z', '2');
    await llm('llm-may', id, '2026-05-01T00:00:00Z', '3');
    app.setTime('2026-06-01T03:00:00Z');
    await rollUp('2026-05-01', { tenantId: 'llm' });
    const may = present((await invoicesOf('llm', '2026-05-01'))[0]);
    expect(present(may.lines[0]).line.amount.amount).toBe('5.00');
    expect(present(may.lines[0]).line.description).toContain('1 request late from 2026-04');
    expect(await app.sql('select count(*)::int as unbilled from llm_usage_events where invoice_id is null')).toEqual([
      { unbilled: 0 },
    ]);
  });
});

it('one broken tenant is named, and the others’ invoices stand', async () => {
  const [good, bad] = [await app.createDeployment('app', 'roll-good'), await app.createDeployment('app', 'roll-bad')];
  await app.subscribe(good, 'starter', { startsOn: '2023-02-01' });
  await app.subscribe(bad, 'starter', { startsOn: '2023-02-01' });
  await llm('bound', bad, '2023-02-10T00:00:00Z', '1');
  await app.sql(
    `insert into subscription_segments (subscription_id, plan_version_id, from_day, until_day)
     select id, plan_version_id, '2023-02-01', '2023-02-20' from subscriptions where deployment_id = $1`,
    [bad],
  );
  expect(await rollUp('2023-02-01')).toEqual({
    created: 1,
    skipped: 0,
    replaced: 0,
    failed: [{ tenantId: 'roll-bad', reason: 'A subscription has two plan versions in force on 2023-02-01.' }],
  });
  expect(present((await invoicesOf('roll-good'))[0]).total.amount).toBe('22.00');
  expect(await invoicesOf('roll-bad')).toEqual([]);
  expect(await app.sql(`select invoice_id from llm_usage_events where gateway_request_id = 'bound'`)).toEqual([
    { invoice_id: null },
  ]);
  await app.sql(`delete from llm_usage_events where gateway_request_id = 'bound'`);
});

describe('an issued invoice', () => {
  let id: string;
  beforeAll(async () => {
    const deployment = await app.createDeployment('app', 'issued');
    await app.subscribe(deployment, 'studio', { startsOn: '2026-03-01' });
    await rollUp('2026-03-01', { tenantId: 'issued' });
    id = present((await invoicesOf('issued', '2026-03-01'))[0]).id;
    expect((await app.data(ISSUE, { id })).issueInvoice.invoice).toEqual({
      number: expect.stringMatching(/^2026-\d{6}$/),
      status: 'ISSUED',
      issuedAt: '2026-05-01T03:00:00.000Z',
    });
  });

  it('never changes by any statement', async () => {
    const deployment = present(present(present((await invoicesOf('issued'))[0]).lines[0]).deployment);
    await llm(
      'bound',
      (await app.row<{ id: string }>(`select id from deployments where tenant_id = 'issued'`)).id,
      '2026-04-02T00:00:00Z',
      '1',
    );
    expect(deployment.slug).toBe('app');
    await rollUp('2026-04-01', { tenantId: 'issued' });
    const april = present((await invoicesOf('issued', '2026-04-01'))[0]);
    await app.data(ISSUE, { id: april.id });
    const before = await snapshot();
    for (const statement of [
      `update invoices set total_cents = 1, subtotal_cents = 1, tax_cents = 0 where id = '${id}'`,
      `update invoices set status = 'draft', number = null, issued_at = null where id = '${id}'`,
      `update invoices set number = '2026-999999' where id = '${id}'`,
      `update invoices set tenant_id = 'other' where id = '${id}'`,
      `update invoices set period = '2026-02-01' where id = '${id}'`,
      `update invoices set issued_at = now() where id = '${id}'`,
      `update invoices set status = 'paid', paid_at = now(), total_cents = 1, subtotal_cents = 1, tax_cents = 0 where id = '${id}'`,
      `insert into invoices (id, tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
       values ('${id}', 'issued', '2026-03-01', 'draft', 'AUD', 1, 0, 1, now())
       on conflict (id) do update set subtotal_cents = 1, tax_cents = 0, total_cents = 1`,
      `delete from invoices where id = '${id}'`,
      `update invoice_lines set amount_cents = 0 where invoice_id = '${id}'`,
      `update invoice_lines set invoice_id = '${april.id}' where invoice_id = '${id}'`,
      `delete from invoice_lines where invoice_id = '${id}'`,
      `insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents, amount_cents, currency, meta)
       values ('${id}', 99, 'tax', 'more', 1, 'month', 1, 1, 'AUD', '{}')`,
      'truncate invoice_lines',
      'truncate invoices cascade',
      `update llm_usage_events set invoice_id = null where gateway_request_id = 'bound'`,
      `update llm_usage_events set charge = 2 where gateway_request_id = 'bound'`,
      `delete from llm_usage_events where gateway_request_id = 'bound'`,
    ]) {
      await expect(app.sql(statement)).rejects.toThrow(/cannot change|refused/);
    }
    expect(await snapshot()).toEqual(before);
  });

  it('never changes by anything that the API does', async () => {
    const { deploymentId, subscriptionId } = await app.row<{ deploymentId: string; subscriptionId: string }>(
      `select deployment.id as "deploymentId", subscription.id as "subscriptionId" from deployments deployment
       join subscriptions subscription on subscription.deployment_id = deployment.id where tenant_id = 'issued'`,
    );
    const seen = async () =>
      app.sql(
        `select json_agg(invoice order by id) as invoices, (select json_agg(line order by line.id) from invoice_lines line
           join invoices of on of.id = line.invoice_id where of.tenant_id = 'issued') as lines
         from invoices invoice where tenant_id = 'issued'`,
      );
    const [shown, before] = [await invoicesOf('issued'), await seen()];
    await app.addResource(deploymentId, { kind: 'droplet', name: 'late' });
    expect(await app.codeOf(gql('mutation { meterUsage(day: "2026-03-31") { recordCount } }'))).toBe('CONFLICT');
    await llm('march', deploymentId, '2026-03-31T00:00:00Z', '9');
    // What reaches into an issued month is rejected.
    expect(
      await app.codeOf(
        gql(
          'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "llm_1m", startsOn: "2026-03-02") { subscription { id } } }',
        ),
        { id: subscriptionId },
      ),
    ).toBe('CONFLICT');
    const price = { kind: 'VOLUME_GB_MONTH', unit: 'gb', unitPriceCents: '999', effectiveFrom: '2026-03-01' };
    expect(
      await app.codeOf(
        gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
        { input: price },
      ),
    ).toBe('CONFLICT');
    const { createPlanVersion } = await app.data(
      gql(
        'mutation { createPlanVersion(input: { planCode: "studio", basePriceCents: 1, items: [] }) { planVersion { id } } }',
      ),
    );
    const version = createPlanVersion.planVersion.id;
    await app.data(gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id: version });
    await app.data(
      gql(
        'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
      ),
      { id: subscriptionId, version },
    );
    await app.data(gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { id } } }'), {
      id: subscriptionId,
    });
    await app.data(gql('mutation($id: ID!) { transitionDeployment(id: $id, to: CANCELLED) { deployment { id } } }'), {
      id: deploymentId,
    });
    for (const period of ['2026-03-01', '2026-04-01']) {
      expect(await rollUp(period, { tenantId: 'issued', force: true })).toMatchObject({ skipped: 1, replaced: 0 });
    }
    expect(await app.codeOf(ISSUE, { id })).toBe('CONFLICT');
    expect(await seen()).toEqual(before);
    expect(await invoicesOf('issued')).toEqual(shown);
  });

  it('is paid or taken back, once', async () => {
    const PAY = gql(
      'mutation($id: ID!, $at: DateTime) { markInvoicePaid(id: $id, paidAt: $at) { invoice { status paidAt } } }',
    );
    const VOID = gql(
      'mutation($id: ID!, $reason: String!) { voidInvoice(id: $id, reason: $reason) { invoice { status number } } }',
    );
    expect(await app.codeOf(PAY, { id, at: '2027-01-01T00:00:00Z' })).toBe('BAD_USER_INPUT');
    expect(await app.codeOf(VOID, { id, reason: ' ' })).toBe('BAD_USER_INPUT');
    expect((await app.data(PAY, { id })).markInvoicePaid.invoice).toEqual({
      status: 'PAID',
      paidAt: '2026-05-01T03:00:00.000Z',
    });
    expect(await app.codeOf(PAY, { id })).toBe('CONFLICT');
    expect(await app.codeOf(VOID, { id, reason: 'wrong' })).toBe('CONFLICT');
    const april = present((await invoicesOf('issued', '2026-04-01'))[0]);
    const { voidInvoice } = await app.data(VOID, { id: april.id, reason: 'sent in error' });
    expect(voidInvoice.invoice).toEqual({ status: 'VOID', number: expect.stringMatching(/^2026-/) });
    expect(await rollUp('2026-04-01', { tenantId: 'issued', force: true })).toMatchObject({ skipped: 1 });
  });
});

it('invoices are the tenant’s own to read, and the operator’s to write', async () => {
  const deployment = await app.createDeployment('app', 'reader');
  await app.subscribe(deployment, 'starter', { startsOn: '2026-04-01' });
  await rollUp('2026-04-01', { tenantId: 'reader' });
  const own = present((await invoicesOf('reader'))[0]);
  const other = present((await invoicesOf('golden'))[0]);
  const reader = app.tenant('reader');
  const { invoices } = await app.data(INVOICES, {}, reader);
  expect(invoices.totalCount).toBe(1);
  expect(present(invoices.nodes[0]).id).toBe(own.id);
  expect(await app.data(gql('query($id: ID!) { invoice(id: $id) { id } }'), { id: other.id }, reader)).toEqual({
    invoice: null,
  });
  expect(await app.codeOf(INVOICES, { filter: { tenantId: 'golden' } }, reader)).toBe('FORBIDDEN');
  const before = await snapshot();
  for (const query of [
    gql('mutation { rollUpInvoices(period: "2026-04-01", allowUnmetered: true) { created } }'),
    gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'),
    gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { id } } }'),
    gql('mutation($id: ID!) { voidInvoice(id: $id, reason: "no") { invoice { id } } }'),
  ]) {
    expect(await app.codeOf(query, { id: own.id }, reader)).toBe('FORBIDDEN');
  }
  expect(await app.codeOf(ROLL_UP, { period: '2026-06-01' })).toBe('BAD_USER_INPUT');
  expect(await app.codeOf(ISSUE, { id: 'nope' })).toBe('NOT_FOUND');
  expect(await snapshot()).toEqual(before);
});
