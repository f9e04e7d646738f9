import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gql, present } from '../support/typed-document.js';
import { type MarginApp, startMarginApp } from './margin-app.js';

let app: MarginApp;
beforeAll(async () => {
  app = await startMarginApp('2026-05-01T03:00:00Z');
  await app.sql(`delete from resource_prices where kind = 'volume_gb_month'`);
});
afterAll(() => app.close());

const COSTS = gql(`query($period: Date!) { reconciliation(period: $period) { period costs {
  currency buckets { bucket lineCount amount { cents } } linesTotal { cents } lineCount invoiced { cents } difference { cents currency }
  invoices { cloudInvoice { id period } invoiced { cents } linesTotal { cents } lineCount difference { cents } } } } }`);
const USAGE =
  gql(`query($period: Date!, $statuses: [UsageStatus!], $first: Int, $after: Cursor) { reconciliation(period: $period) {
  usageCounts { status count }
  usage(statuses: $statuses, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { deployment { slug } kind status metered invoiced } } } }`);
const UNDEPLOYED = gql(`query($period: Date!, $first: Int, $after: Cursor) { reconciliation(period: $period) {
  undeployedTotals { resourceCount cost { cents currency } }
  undeployed(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { resource { name deletedAt } cost { cents } lineCount } } } }`);

describe('the provider’s side', () => {
  it('sorts every line into one bucket, whose sums are the provider’s invoices to the cent', async () => {
    const id = await app.createDeployment('app', 'acme');
    const deployed = await app.addResource(id, { kind: 'droplet', name: 'deployed' });
    const owned = await app.addLooseResource({ name: 'owned', tenantId: 'beta', projectName: 'skyai-internal' });
    const internal = await app.addLooseResource({ name: 'internal', projectName: 'skyai-internal' });
    const nobodys = await app.addLooseResource({ name: 'nobodys', projectName: 'elsewhere' });
    const gone = await app.addLooseResource({ name: 'gone', deletedAt: '2026-04-02' });
    await app.addCloudInvoice('2026-04-01', [
      { kind: 'droplet', cents: 101, resourceId: deployed },
      { kind: 'droplet', cents: 202, resourceId: owned },
      { kind: 'droplet', cents: 303, resourceId: internal },
      { kind: 'droplet', cents: 404, resourceId: nobodys },
      { kind: 'droplet', cents: 505, resourceId: gone, status: 'historic' },
      { kind: 'snapshot', cents: 606 },
      { kind: 'snapshot', cents: 1, status: 'ambiguous' },
      { cents: 707, status: 'account_level' },
      { cents: -8, status: 'tax' },
    ]);
    await app.addCloudInvoice('2026-04-01', [{ kind: 'droplet', cents: 50, resourceId: deployed }], { totalCents: 75 });
    const { reconciliation } = await app.data(COSTS, { period: '2026-04-17' });
    expect(reconciliation.period).toBe('2026-04-01');
    const costs = present(reconciliation.costs[0]);
    expect(costs.buckets.map((one) => [one.bucket, one.lineCount, one.amount.cents])).toEqual([
      ['TENANT', 3, 353],
      ['INTERNAL', 1, 303],
      ['ACCOUNT_LEVEL', 1, 707],
      ['TAX', 1, -8],
      ['HISTORIC', 1, 505],
      ['UNEXPLAINED', 3, 1011],
    ]);
    expect(costs).toMatchObject({
      currency: 'USD',
      lineCount: 10,
      linesTotal: { cents: 2871 },
      invoiced: { cents: 2896 },
      difference: { cents: 25, currency: 'USD' },
    });
    expect(
      costs.invoices
        .map((one) => [one.invoiced.cents, one.linesTotal.cents, one.lineCount, one.difference.cents])
        .sort(),
    ).toEqual([
      [2821, 2821, 9, 0],
      [75, 50, 1, 25],
    ]);
  });

  it('lists the lines of each bucket, as many as it says', async () => {
    const query = gql(`{ reconciliation(period: "2026-04-01") { costs { buckets { bucket lineCount amount { cents }
      lines(first: 50) { totalCount nodes { amount { cents } matchStatus resource { name } invoice { id } } } } } } }`);
    const costs = present((await app.data(query)).reconciliation.costs[0]);
    for (const { lineCount, amount, lines } of costs.buckets) {
      expect([lines.totalCount, lines.nodes.length]).toEqual([lineCount, lineCount]);
      const cents = lines.nodes.map((line) => line.amount.cents);
      expect(cents.reduce((sum: number, one: number) => sum + one, 0)).toBe(amount.cents);
    }
    const unexplained = present(costs.buckets.at(-1)).lines.nodes;
    expect(unexplained.map((line) => [line.matchStatus, line.resource?.name ?? null]).sort()).toEqual([
      ['AMBIGUOUS', null],
      ['MATCHED', 'nobodys'],
      ['UNMATCHED', null],
    ]);
  });

  it('shows an invoice that is not ingested yet as all difference, and a month without one as nothing', async () => {
    await app.sql(
      `insert into cloud_invoices (provider, provider_id, period, currency, total_cents, issued_at, discovered_at, ingest_status, ingest_queued_at)
       values ('digitalocean', 'pending', '2026-03-01', 'USD', 4321, '2026-04-01', '2026-04-01', 'discovered', '2026-04-01')`,
    );
    const { reconciliation } = await app.data(COSTS, { period: '2026-03-01' });
    expect(reconciliation.costs[0]).toMatchObject({
      lineCount: 0,
      invoiced: { cents: 4321 },
      difference: { cents: 4321 },
    });
    expect((await app.data(COSTS, { period: '2020-01-01' })).reconciliation.costs).toEqual([]);
  });

  it('names what costs money and belongs to no deployment, the dearest first, page by page', async () => {
    const page = async (after: string | null) =>
      (await app.data(UNDEPLOYED, { period: '2026-04-01', first: 3, after })).reconciliation;
    const first = await page(null);
    expect(first.undeployedTotals).toEqual([{ resourceCount: 4, cost: { cents: 1414, currency: 'USD' } }]);
    expect(first.undeployed.totalCount).toBe(4);
    const second = await page(first.undeployed.pageInfo.endCursor);
    const all = [...first.undeployed.nodes, ...second.undeployed.nodes];
    expect(all.map((one) => [one.resource.name, one.cost.cents])).toEqual([
      ['gone', 505],
      ['nobodys', 404],
      ['internal', 303],
      ['owned', 202],
    ]);
    expect(second.undeployed.pageInfo.hasNextPage).toBe(false);
  });
});

describe('our side', () => {
  const month = '2026-02-01';
  const usage = async (variables: object = {}) =>
    (await app.data(USAGE, { period: month, ...variables })).reconciliation;

  it('names each deployment and kind once, with what became of it', async () => {
    const of = async (slug: string, plan: string | null, resources: [string, object][]) => {
      const id = await app.createDeployment(slug, slug);
      if (plan) await app.subscribe(id, plan, { startsOn: month });
      for (const [kind, attrs] of resources) await app.addResource(id, { kind, name: `${slug}-${kind}`, attrs });
      return id;
    };
    await of('in-order', 'studio', [
      ['dns_zone', {}],
      ['spaces_bucket', { size_gigabytes: 150 }],
      ['volume', { size_gigabytes: 10 }],
    ]);
    const changed = await of('changed', 'studio', [['spaces_bucket', { size_gigabytes: 150 }]]);
    const unmetered = await of('unmetered', 'studio', [['spaces_bucket', { size_gigabytes: 150 }]]);
    await of('unbilled', null, [['droplet', {}]]);
    const voided = await of('voided', 'studio', [['spaces_bucket', { size_gigabytes: 150 }]]);
    await app.meterMonth(month);
    await app.sql(`delete from usage_records where deployment_id = (select id from deployments where slug = 'app')`);
    await app.rollUp(month);
    await app.sql(`update usage_records set quantity = quantity * 2 where deployment_id = $1`, [changed]);
    await app.sql('delete from usage_records where deployment_id = $1', [unmetered]);
    const { invoices } = await app.data(gql('{ invoices(filter: { tenantId: "voided" }) { nodes { id } } }'));
    await app.data(gql('mutation($id: ID!) { voidInvoice(id: $id, reason: "a test") { invoice { id } } }'), {
      id: present(invoices.nodes[0]).id,
    });
    expect(voided).toBeTruthy();

    const report = await usage({ first: 50 });
    const found = report.usage.nodes.map((one) => [
      one.deployment.slug,
      one.kind,
      one.status,
      one.metered,
      one.invoiced,
    ]);
    expect(found.sort()).toEqual([
      ['changed', 'SPACES_GB_MONTH', 'CHANGED', '300', '150'],
      ['in-order', 'DNS_ZONES', 'COVERED', '1', '0'],
      ['in-order', 'SPACES_GB_MONTH', 'BILLED', '150', '150'],
      ['in-order', 'VOLUME_GB_MONTH', 'UNPRICED', '10', '0'],
      ['unbilled', 'DROPLET_HOURS', 'NOT_INVOICED', '672', '0'],
      ['unmetered', 'SPACES_GB_MONTH', 'NOT_METERED', '0', '150'],
      ['voided', 'SPACES_GB_MONTH', 'NOT_INVOICED', '150', '0'],
    ]);
    expect(report.usageCounts).toEqual([
      { status: 'BILLED', count: 1 },
      { status: 'COVERED', count: 1 },
      { status: 'CHANGED', count: 1 },
      { status: 'UNPRICED', count: 1 },
      { status: 'NOT_INVOICED', count: 2 },
      { status: 'NOT_METERED', count: 1 },
    ]);
    expect(report.usage.totalCount).toBe(7);
  });

  it('can be asked for what is out of order alone, page by page', async () => {
    const statuses = ['CHANGED', 'UNPRICED', 'NOT_INVOICED', 'NOT_METERED'];
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { usage: page } = await usage({ statuses, first: 2, after });
      expect(page.totalCount).toBe(5);
      seen.push(...page.nodes.map((one) => `${one.deployment.slug} ${one.kind}`));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
  });

  it('a price that begins within the month leaves a part without one', async () => {
    await app.data(
      gql('mutation($input: SetResourcePriceInput!) { setResourcePrice(input: $input) { resourcePrice { id } } }'),
      {
        input: { kind: 'VOLUME_GB_MONTH', unit: 'gb_month', unitPriceCents: '10', effectiveFrom: '2026-02-15' },
      },
    );
    await app.data(
      gql(`mutation { rollUpInvoices(period: "2026-02-01", tenantId: "in-order", force: true) { replaced } }`),
    );
    const { usage: found } = await usage({ statuses: ['UNPRICED'], first: 9 });
    expect(found.nodes).toEqual([
      { deployment: { slug: 'in-order' }, kind: 'VOLUME_GB_MONTH', status: 'UNPRICED', metered: '10', invoiced: '5' },
    ]);
  });
});

it('reconciliation is for operators', async () => {
  expect(await app.codeOf(COSTS, { period: '2026-04-01' }, app.tenant('acme'))).toBe('FORBIDDEN');
  expect(await app.codeOf(COSTS, { period: '2026-4' })).toBe('BAD_USER_INPUT');
});
