import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { daysOf, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import type { BillingKind, PlanItemInput } from '../support/graphql.generated.js';
import { type DataOf, gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-01T03:00:00Z');
});
afterAll(() => app.close());
beforeEach(() => app.setTime('2026-05-01T03:00:00Z'));

const LINES = gql(`query($filter: InvoiceFilter) { invoices(filter: $filter) { nodes { lines { id deployment { slug }
  line { kind billingKind amount { amount } } explanation { quantityParts { label exact } exactBillableQuantity usage { isComplete } } } } } }`);
const ROLL_UP =
  gql(`mutation($period: Date!, $tenantId: String) { rollUpInvoices(period: $period, tenantId: $tenantId, force: true, allowUnmetered: true) {
  failed { reason } unbilled(first: 10) { totalCount nodes { deployment { slug } kind quantity } } } }`);
const PRICE = gql(
  'mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }',
);
type Lines = DataOf<typeof LINES>['invoices']['nodes'][number]['lines'];
const setPrice = (kind: BillingKind, unit: string, unitPriceCents: string, effectiveFrom: string) =>
  app.data(PRICE, { input: { kind, unit, unitPriceCents, effectiveFrom } });

const rollUp = async (tenantId: string, period: string) =>
  (await app.data(ROLL_UP, { period, tenantId })).rollUpInvoices;
async function draft(tenantId: string, period: string) {
  expect((await rollUp(tenantId, period)).failed).toEqual([]);
  return present((await app.data(LINES, { filter: { tenantId, period } })).invoices.nodes[0]).lines;
}
const overages = (lines: Lines) =>
  lines
    .filter(({ line }) => line.kind === 'OVERAGE')
    .map(({ line, explanation }) => [line.billingKind, line.amount.amount, explanation?.exactBillableQuantity]);
const meterMonth = async (period: string) => {
  for (const day of daysOf(rangeOf(parsePeriod(period)))) await meterUsage(app.app, day);
};

async function publishPlan(code: string, items: PlanItemInput[]): Promise<void> {
  await app.data(gql('mutation($code: String!) { createPlan(input: { code: $code, name: $code }) { plan { id } } }'), {
    code,
  });
  const { createPlanVersion } = await app.data(
    gql('mutation($input: CreatePlanVersionInput!) { createPlanVersion(input: $input) { planVersion { id } } }'),
    { input: { planCode: code, basePriceCents: 1000, items } },
  );
  await app.data(
    gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'),
    createPlanVersion.planVersion,
  );
}

describe('a price change of another kind', () => {
  it('changes nothing: two zones of which half a one is free are 5 c at 3 c', async () => {
    await publishPlan('zones', [
      { kind: 'DNS_ZONES', includedQuantity: '0.5', overageUnit: 'zone', overagePriceCents: '3' },
    ]);
    await publishPlan('unpriced', []);
    const deployment = await app.createDeployment('app', 'zones');
    await app.subscribe(deployment, 'zones', { startsOn: '2026-04-01' });
    const other = await app.createDeployment('app', 'priced');
    await app.subscribe(other, 'unpriced', { startsOn: '2026-04-01', addons: ['storage_50gb'] });
    for (const id of [deployment, other]) {
      for (const name of ['one.com', 'two.com']) await app.addResource(id, { kind: 'dns_zone', name });
    }
    await setPrice('DNS_ZONES', 'zone', '1.75', '2026-01-01');
    await meterMonth('2026-04-01');
    const [before, priced] = [await draft('zones', '2026-04-01'), await draft('priced', '2026-04-01')];
    expect(overages(before)).toEqual([['DNS_ZONES', '0.05', '1.5']]);
    expect(overages(priced)).toEqual([['DNS_ZONES', '0.04', '2']]);
    for (const [price, from] of [
      ['2', '2026-04-02'],
      ['3', '2026-04-07'],
    ] as const) {
      await setPrice('BANDWIDTH_GB', 'gb', price, from);
    }
    // The zones' own price, set again as it was.
    await setPrice('DNS_ZONES', 'zone', '1.75', '2026-04-11');
    const amounts = (lines: Lines) => lines.map(({ line, explanation }) => [line, explanation]);
    expect(amounts(await draft('zones', '2026-04-01'))).toEqual(amounts(before));
    expect(amounts(await draft('priced', '2026-04-01'))).toEqual(amounts(priced));
    const { reconciliation } = await app.data(
      gql('{ reconciliation(period: "2026-04-01") { usage(first: 50) { nodes { status metered invoiced } } } }'),
    );
    expect(reconciliation.usage.nodes).toEqual([1, 2].map(() => ({ status: 'BILLED', metered: '2', invoiced: '2' })));
  });

  it('of the kind itself cuts its month into thirds of a zone, each exact', async () => {
    const deployment = await app.createDeployment('app', 'thirds');
    await app.subscribe(deployment, 'unpriced', { startsOn: '2026-04-01' });
    await app.addResource(deployment, { kind: 'volume', name: 'data', attrs: { size_gigabytes: 1 } });
    await setPrice('VOLUME_GB_MONTH', 'gb', '1.5', '2026-04-01');
    await setPrice('VOLUME_GB_MONTH', 'gb', '4.5', '2026-04-11');
    await meterMonth('2026-04-01');
    const lines = await draft('thirds', '2026-04-01');
    // A third at 1.5 c is half a cent, which rounds up; two thirds at 4.5 c are three cents.
    expect(overages(lines)).toEqual([
      ['VOLUME_GB_MONTH', '0.01', '1/3'],
      ['VOLUME_GB_MONTH', '0.03', '2/3'],
    ]);
    expect(
      lines
        .filter(({ line }) => line.kind === 'OVERAGE')
        .map(({ explanation }) => present(present(explanation).usage).isComplete),
    ).toEqual([true, true]);
  });
});

describe('allowances', () => {
  it('of ten addons that are attached for the 31st alone are a day of each', async () => {
    app.setTime('2026-08-31');
    const deployment = await app.createDeployment('app', 'day-trade');
    const id = await app.subscribe(deployment, 'studio', { startsOn: '2026-08-01' });
    await app.addResource(deployment, { kind: 'spaces_bucket', name: 'media', attrs: { size_gigabytes: 600 } });
    const ATTACH = gql(
      'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "storage_50gb") { subscription { addons { id } } } }',
    );
    for (let n = 0; n < 10; n++) await app.data(ATTACH, { id }, app.tenant('day-trade'));
    const shown = present(
      (
        await app.data(gql('query($id: ID!) { deployment(id: $id) { subscription { addons { id } } } }'), {
          id: deployment,
        })
      ).deployment,
    );
    for (const addon of present(shown.subscription).addons) {
      await app.data(
        gql('mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { id } } }'),
        addon,
        app.tenant('day-trade'),
      );
    }
    app.setTime('2026-09-01T04:00:00Z');
    await meterMonth('2026-08-01');
    const lines = await draft('day-trade', '2026-08-01');
    // 600 GB less 100 and ten times 50/31: 483.87… GB at 2 c, where whole months would have left none.
    expect(overages(lines)).toEqual([['SPACES_GB_MONTH', '9.68', '15000/31']]);
    expect(lines.filter(({ line }) => line.kind === 'ADDON').map(({ line }) => line.amount.amount)).toEqual(
      Array.from({ length: 10 }, () => '0.24'),
    );
    const { quote } = await app.data(
      gql('query($input: QuoteInput!) { quote(input: $input) { overage { total { amount } } } }'),
      {
        input: {
          planCode: 'studio',
          addons: Array.from({ length: 10 }, () => 'storage_50gb'),
          startsOn: '2026-08-31',
          projectedUsage: [{ kind: 'SPACES_GB_MONTH', quantity: '600' }],
        },
      },
    );
    expect(quote.overage.total.amount).toBe('0.00');
  });

  it('are the same in the running bill and in the invoice', async () => {
    app.setTime('2026-10-31T23:59:59Z');
    const deployment = await app.createDeployment('app', 'running');
    await app.subscribe(deployment, 'studio', { startsOn: '2026-10-20', addons: ['storage_50gb'] });
    await app.addResource(deployment, { kind: 'spaces_bucket', name: 'media', attrs: { size_gigabytes: 200 } });
    for (const day of daysOf(rangeOf(parsePeriod('2026-10-01'))).slice(0, 30)) await meterUsage(app.app, day);
    await app.sql(
      `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
       select deployment_id, resource_id, kind, granularity, '2026-10-31T00:00:00Z', quantity from usage_records
       where deployment_id = $1 and period_start = '2026-10-30T00:00:00Z'`,
      [deployment],
    );
    const { accrual } = await app.data(
      gql('{ accrual { byDeployment { deployment { slug tenantId } overage { amount } } } }'),
    );
    const own = present(accrual.byDeployment.find((one) => one.deployment.tenantId === 'running'));
    app.setTime('2026-11-01T04:00:00Z');
    const lines = await draft('running', '2026-10-01');
    // 12/31 of 200 GB less 12/31 of 150 GB.
    expect(overages(lines)).toEqual([['SPACES_GB_MONTH', '0.39', '600/31']]);
    expect(own.overage.amount).toBe('0.39');
  });

  it('detached and attached again on one day, an addon is billed for it once', async () => {
    app.setTime('2026-12-05');
    const deployment = await app.createDeployment('app', 'again');
    const id = await app.subscribe(deployment, 'studio', { startsOn: '2026-12-01', addons: ['storage_50gb'] });
    const ATTACH = gql(
      'mutation($id: ID!) { attachAddon(subscriptionId: $id, addonCode: "storage_50gb") { subscription { addons { id startsOn } } } }',
    );
    const DETACH = gql(
      'mutation($id: ID!) { detachAddon(subscriptionAddonId: $id) { subscription { addons { id } } } }',
    );
    for (let n = 0; n < 3; n++) {
      const { id: attached } = await app.row<{ id: string }>(
        'select id from subscription_addons where subscription_id = $1 and until_day is null',
        [id],
      );
      await app.data(DETACH, { id: attached }, app.tenant('again'));
      const { attachAddon } = await app.data(ATTACH, { id }, app.tenant('again'));
      expect(attachAddon.subscription.addons).toHaveLength(1);
    }
    app.setTime('2027-01-01T04:00:00Z');
    const lines = await draft('again', '2026-12-01');
    expect(lines.filter(({ line }) => line.kind === 'ADDON').map(({ line }) => line.amount.amount)).toEqual(['7.50']);
  });
});

describe('usage on days without a live subscription', () => {
  it('is not priced by the plan, and is listed as unbilled', async () => {
    const deployment = await app.createDeployment('half', 'half');
    await app.subscribe(deployment, 'starter', { startsOn: '2026-04-16' });
    for (const name of ['web-1', 'web-2']) await app.addResource(deployment, { kind: 'droplet', name });
    const none = await app.createDeployment('none', 'half');
    await app.addResource(none, { kind: 'droplet', name: 'web-3' });
    await meterMonth('2026-04-01');
    const { unbilled } = await rollUp('half', '2026-04-01');
    expect(unbilled.totalCount).toBe(2);
    expect(unbilled.nodes.map((one) => [one.deployment.slug, one.kind, one.quantity]).sort()).toEqual([
      ['half', 'DROPLET_HOURS', '720'],
      ['none', 'DROPLET_HOURS', '720'],
    ]);
    // 15 days of two droplets are 720 hours, half of 744 included: 348 hours at 1.2 c.
    expect(overages(await draft('half', '2026-04-01'))).toEqual([['DROPLET_HOURS', '4.18', '348']]);
    const { reconciliation } = await app.data(
      gql(`{ reconciliation(period: "2026-04-01") { unbilled(first: 50) { nodes { deployment { slug } quantity } }
        usage(first: 50) { nodes { deployment { slug } status metered unbilled invoiced } } } }`),
    );
    const own = ({ deployment: { slug } }: any) => ['half', 'none'].includes(slug);
    expect(
      reconciliation.unbilled.nodes
        .filter(own)
        .map((one) => [one.deployment.slug, one.quantity])
        .sort(),
    ).toEqual([
      ['half', '720'],
      ['none', '720'],
    ]);
    const found = reconciliation.usage.nodes.filter(own);
    expect(found.sort((a, b) => (a.deployment.slug < b.deployment.slug ? -1 : 1))).toEqual([
      { deployment: { slug: 'half' }, status: 'BILLED', metered: '1440', unbilled: '720', invoiced: '720' },
      { deployment: { slug: 'none' }, status: 'NOT_INVOICED', metered: '720', unbilled: '720', invoiced: '0' },
    ]);
  });

  it('is paged, and for operators', async () => {
    const query = gql(`query($first: Int!, $after: Cursor) { reconciliation(period: "2026-04-01") {
      unbilled(first: $first, after: $after) { totalCount nodes { quantity } pageInfo { hasNextPage endCursor } } } }`);
    expect(await app.codeOf(query, { first: 1 }, app.tenant('half'))).toBe('FORBIDDEN');
    expect(await app.codeOf(query, { first: 201 })).toBe('BAD_USER_INPUT');
    let [seen, after]: [number, string | null] = [0, null];
    for (let more = true; more; ) {
      const { unbilled }: DataOf<typeof query>['reconciliation'] = (await app.data(query, { first: 1, after }))
        .reconciliation;
      seen += unbilled.nodes.length;
      after = unbilled.pageInfo.endCursor;
      more = unbilled.pageInfo.hasNextPage;
      if (!more) expect(seen).toBe(unbilled.totalCount);
    }
    expect(seen).toBeGreaterThan(1);
  });
});
