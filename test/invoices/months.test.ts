import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { daysOf, parseDay, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { createTestDatabase } from '../support/database.js';
import type { PlanItemInput, SetResourcePriceInput } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-01T03:00:00Z'));

const ROLL_UP = gql(`mutation($period: Date!, $tenantId: String) {
  rollUpInvoices(period: $period, tenantId: $tenantId, force: true, allowUnmetered: true) { failed { reason } } }`);
const LINES = gql(`query($filter: InvoiceFilter) { invoices(filter: $filter) { nodes { total { amount } lines { line {
  kind billingKind quantity unitPriceCents amount { amount } meta } } } } }`);
const CANCEL = gql('mutation($id: ID!) { cancelSubscription(id: $id) { subscription { status } } }');
const ATTACH = gql(
  'mutation($id: ID!, $on: Date) { attachAddon(subscriptionId: $id, addonCode: "storage_50gb", startsOn: $on) { subscription { addons { id } } } }',
);
const DETACH = gql('mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { id } } }');
const CHANGE = gql(
  'mutation($id: ID!, $version: ID!) { changePlanVersion(subscriptionId: $id, planVersionId: $version) { subscription { id } } }',
);
const TRANSITION = gql(
  'mutation($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { id } } }',
);

/** Drafts the month anew and answers its lines before GST, undefined where there is no invoice. */
async function draft(tenantId: string, period: string): Promise<any[] | undefined> {
  const { rollUpInvoices } = await app.data(ROLL_UP, { period, tenantId });
  expect(rollUpInvoices.failed).toEqual([]);
  const { invoices } = await app.data(LINES, { filter: { tenantId, period } });
  return invoices.nodes[0]?.lines.map(({ line }) => line).filter((line) => line.kind !== 'TAX');
}
const prorated = async (tenantId: string, period: string) =>
  (await draft(tenantId, period))?.map((line) => [line.kind, line.meta.prorationFraction, line.amount.amount]);
const versionOf = async (code: string) =>
  present(
    present(
      (await app.data(gql('query($code: String!) { plan(code: $code) { activeVersion { id } } }'), { code })).plan,
    ).activeVersion,
  ).id;
const meterMonth = async (period: string) => {
  for (const day of daysOf(rangeOf(parsePeriod(period)))) await meterUsage(app.app, day);
};

describe('the edges of a month', () => {
  it.each([
    ['the last day of a leap February', '2024-02-29', '2024-02-01', [['PLAN_BASE', '1/29', '1.72']]],
    ['the last day of a February', '2025-02-28', '2025-02-01', [['PLAN_BASE', '1/28', '1.79']]],
    ['the last day of the February of a century', '2000-02-29', '2000-02-01', [['PLAN_BASE', '1/29', '1.72']]],
    ['the first day of a month', '2024-03-01', '2024-03-01', [['PLAN_BASE', '31/31', '50.00']]],
    ['the last day of a year', '2025-12-31', '2025-12-01', [['PLAN_BASE', '1/31', '1.61']]],
    ['the last day of a month of thirty', '2025-11-30', '2025-11-01', [['PLAN_BASE', '1/30', '1.67']]],
    ['the day after the month', '2025-12-01', '2025-11-01', undefined],
  ])('a subscription from %s', async (what, startsOn, period, expected) => {
    const tenant = `edge of ${what}`;
    await app.subscribe(await app.createDeployment('app', tenant), 'studio', { startsOn });
    expect(await prorated(tenant, period)).toEqual(expected);
  });

  it('one that starts and ends in a month is billed for both days and those between', async () => {
    app.setTime('2026-05-20');
    const id = await app.subscribe(await app.createDeployment('app', 'brief'), 'studio', { startsOn: '2026-05-12' });
    await app.data(CANCEL, { id });
    app.setTime('2026-06-01');
    expect(await prorated('brief', '2026-05-01')).toEqual([['PLAN_BASE', '9/31', '14.52']]);
    app.setTime('2026-07-01');
    expect(await prorated('brief', '2026-06-01')).toBeUndefined();
  });

  it('one that starts and ends on one day is billed for it', async () => {
    app.setTime('2026-05-20');
    await app.data(CANCEL, { id: await app.subscribe(await app.createDeployment('app', 'day'), 'studio') });
    app.setTime('2026-06-01');
    expect(await prorated('day', '2026-05-01')).toEqual([['PLAN_BASE', '1/31', '1.61']]);
  });

  it('one that ends on the last day of a month is billed for all of it, and for nothing of the next', async () => {
    const id = await app.subscribe(await app.createDeployment('app', 'whole'), 'studio', { startsOn: '2026-04-01' });
    app.setTime('2026-04-30T23:59:59Z');
    await app.data(CANCEL, { id });
    app.setTime('2026-06-01');
    expect(await prorated('whole', '2026-04-01')).toEqual([['PLAN_BASE', '30/30', '50.00']]);
    expect(await prorated('whole', '2026-05-01')).toBeUndefined();
  });

  it('an addon attached on the 31st is billed for a day, then for whole months, and until it is detached', async () => {
    const id = await app.subscribe(await app.createDeployment('app', 'addon-31'), 'studio', { startsOn: '2026-01-01' });
    app.setTime('2026-01-31T23:00:00Z');
    const { attachAddon } = await app.data(ATTACH, { id });
    app.setTime('2026-03-31T00:00:00Z');
    await app.data(DETACH, { id: present(attachAddon.subscription.addons[0]).id });
    app.setTime('2026-05-01');
    const base = (days: number) => ['PLAN_BASE', `${days}/${days}`, '50.00'];
    expect(await prorated('addon-31', '2026-01-01')).toEqual([base(31), ['ADDON', '1/31', '0.24']]);
    expect(await prorated('addon-31', '2026-02-01')).toEqual([base(28), ['ADDON', '28/28', '7.50']]);
    expect(await prorated('addon-31', '2026-03-01')).toEqual([base(31), ['ADDON', '31/31', '7.50']]);
    expect(await prorated('addon-31', '2026-04-01')).toEqual([base(30)]);
  });
});

describe('a change within the month', () => {
  it('two changes of version are three prorated lines, the days of which are the month’s', async () => {
    const id = await app.subscribe(await app.createDeployment('app', 'twice'), 'starter', { startsOn: '2026-01-01' });
    app.setTime('2026-04-11');
    await app.data(CHANGE, { id, version: await versionOf('pro') });
    app.setTime('2026-04-30');
    await app.data(CHANGE, { id, version: await versionOf('studio') });
    app.setTime('2026-06-01');
    expect(await prorated('twice', '2026-04-01')).toEqual([
      ['PLAN_BASE', '10/30', '6.67'],
      ['PLAN_BASE', '19/30', '76.00'],
      ['PLAN_BASE', '1/30', '1.67'],
    ]);
    expect(await prorated('twice', '2026-05-01')).toEqual([['PLAN_BASE', '31/31', '50.00']]);
  });

  it('a pause over the end of a month bills neither its days nor the addons on them', async () => {
    const deployment = await app.createDeployment('app', 'paused');
    await app.subscribe(deployment, 'studio', { startsOn: '2026-01-01', addons: ['storage_50gb'] });
    app.setTime('2026-02-20');
    await app.data(TRANSITION, { id: deployment, to: 'PAUSED' });
    app.setTime('2026-04-30');
    await app.data(TRANSITION, { id: deployment, to: 'ACTIVE' });
    app.setTime('2026-05-01');
    expect(await prorated('paused', '2026-02-01')).toEqual([
      ['PLAN_BASE', '20/28', '35.71'],
      ['ADDON', '20/28', '5.36'],
    ]);
    expect(await prorated('paused', '2026-03-01')).toBeUndefined();
    expect(await prorated('paused', '2026-04-01')).toEqual([
      ['PLAN_BASE', '1/30', '1.67'],
      ['ADDON', '1/30', '0.25'],
    ]);
  });
});

it('publishing a version, and changing the catalog’s addons, never changes what a subscriber pays', async () => {
  await app.subscribe(await app.createDeployment('app', 'loyal'), 'studio', {
    startsOn: '2026-04-10',
    addons: ['storage_50gb'],
  });
  const before = await draft('loyal', '2026-04-01');
  const item: PlanItemInput = {
    kind: 'DROPLET_HOURS',
    includedQuantity: '0',
    overageUnit: 'hour',
    overagePriceCents: '100',
  };
  const { createPlanVersion } = await app.data(
    gql(
      'mutation($item: PlanItemInput!) { createPlanVersion(input: { planCode: "studio", basePriceCents: 99900, items: [$item] }) { planVersion { id } } }',
    ),
    { item },
  );
  await app.data(
    gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'),
    createPlanVersion.planVersion,
  );
  await app.sql(`update addons set price_cents = 1, quantity = 1, name = 'Other' where code = 'storage_50gb'`);
  expect(await draft('loyal', '2026-04-01')).toEqual(before);
  expect(before?.map((line) => line.amount.amount)).toEqual(['35.00', '5.25']);
  await app.subscribe(await app.createDeployment('app', 'new'), 'studio', { startsOn: '2026-04-01' });
  expect((await draft('new', '2026-04-01'))?.[0].amount.amount).toBe('999.00');
});

it('the invoice of a month is the quote of it, with the usage that was metered', async () => {
  const id = await app.createDeployment('app', 'quoted');
  const starts = { addons: ['llm_1m', 'llm_1m'], startsOn: '2026-04-01' };
  await app.subscribe(id, 'pro', starts);
  for (let n = 0; n < 7; n++) await app.addResource(id, { kind: 'droplet', name: `web-${n}` });
  for (const kind of ['volume', 'droplet_backup', 'spaces_bucket']) {
    await app.addResource(id, { kind, name: kind, attrs: { size_gigabytes: 612.5 } });
  }
  await meterMonth('2026-04-01');
  const deployment = present(
    (
      await app.data(
        gql(
          'query($id: ID!) { deployment(id: $id) { usage(from: "2026-04-01", to: "2026-04-30") { kind quantity } } }',
        ),
        { id },
      )
    ).deployment,
  );
  const { quote } = await app.data(
    gql(
      `query($input: QuoteInput!) { quote(input: $input) { firstInvoice { lines { kind billingKind quantity unitPriceCents amount { amount } meta } } overage { lines { kind billingKind quantity unitPriceCents amount { amount } meta } } } }`,
    ),
    { input: { planCode: 'pro', ...starts, projectedUsage: deployment.usage } },
  );
  const lines = await draft('quoted', '2026-04-01');
  expect(lines).toHaveLength(7);
  expect(lines).toEqual([...quote.firstInvoice.lines, ...quote.overage.lines]);
});

it('a resource price that changes on the 16th prices each day as it was that day', async () => {
  const id = await app.createDeployment('app', 'priced');
  await app.subscribe(id, 'starter', { startsOn: '2026-04-01' });
  await app.addResource(id, { kind: 'volume', name: 'data', attrs: { size_gigabytes: 60 } });
  const input: SetResourcePriceInput = {
    kind: 'VOLUME_GB_MONTH',
    unit: 'gb_month',
    unitPriceCents: '20.5',
    effectiveFrom: '2026-04-16',
  };
  await app.data(
    gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
    { input },
  );
  await meterMonth('2026-04-01');
  const lines = await draft('priced', '2026-04-01');
  expect(
    lines?.slice(1).map((line) => [line.billingKind, line.quantity, line.unitPriceCents, line.amount.amount]),
  ).toEqual([
    ['VOLUME_GB_MONTH', '30', '18', '5.40'],
    ['VOLUME_GB_MONTH', '30', '20.5', '6.15'],
  ]);
});

it('the golden April is the same where the database keeps Sydney’s time', async () => {
  const database = await createTestDatabase();
  const databaseUrl = `${database.url}?options=${encodeURIComponent('-c timezone=Australia/Sydney')}`;
  const sydney = await startBillingApp('2026-05-01T03:00:00Z', { databaseUrl });
  try {
    expect(await sydney.sql('show timezone')).toEqual([{ TimeZone: 'Australia/Sydney' }]);
    const id = await sydney.createDeployment('studio', 'golden');
    await sydney.subscribe(id, 'studio', { addons: ['storage_50gb'], startsOn: '2026-04-01' });
    for (const name of ['web-1', 'web-2', 'web-3']) await sydney.addResource(id, { kind: 'droplet', name });
    for (const day of daysOf({ from: parseDay('2026-03-31'), until: parseDay('2026-05-01') })) {
      await meterUsage(sydney.app, day);
    }
    // One charge in the last second of March, one in the first of April and one in its last.
    const events = [
      '2026-03-31T23:59:59.999Z',
      '2026-04-01T00:00:00Z',
      '2026-04-30T23:59:59.999Z',
      '2026-05-01T00:00:00Z',
    ].map((occurredAt, n) => ({
      ...{ gatewayRequestId: `edge-${n}`, deploymentId: id, occurredAt, model: 'm', inputTokens: 1, outputTokens: 1 },
      charge: String(10 ** n),
    }));
    await sydney.data(
      gql('mutation($events: [LlmUsageInput!]!) { recordLlmUsage(events: $events) { results { outcome } } }'),
      {
        events,
      },
    );
    await sydney.data(gql('mutation { rollUpInvoices(period: "2026-04-01") { created } }'));
    const { invoices } = await sydney.data(LINES, { filter: { period: '2026-04-30' } });
    const lines = present(invoices.nodes[0]).lines.map(({ line }) => line);
    expect(lines.map((line) => [line.kind, line.amount.amount])).toEqual([
      ['PLAN_BASE', '50.00'],
      ['ADDON', '7.50'],
      ['OVERAGE', '6.72'],
      ['LLM_USAGE', '111.00'],
      ['TAX', '17.52'],
    ]);
    expect([present(lines[3]).meta.charges, present(lines[3]).meta.late]).toEqual([
      [{ period: '2026-04-01', requestCount: 2, exactCents: '11000' }],
      [{ period: '2026-03-01', requestCount: 1, exactCents: '100' }],
    ]);
  } finally {
    await sydney.close();
    await database.drop();
  }
});
