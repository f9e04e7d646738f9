import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { marginExamples } from '../../graphiql/margin-examples.js';
import { daysOf, parsePeriod, rangeOf } from '../../src/core/time/period.js';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { meterUsage } from '../../src/services/metering/meter-usage.js';
import { type CostsApp, startCostsApp } from '../costs/costs-app.js';
import { gql, present } from '../support/typed-document.js';
import { figures } from './margin-app.js';

let app: CostsApp;
beforeAll(async () => {
  app = await startCostsApp({ clock: () => new Date('2026-05-01T03:00:00Z') });
  await seedCatalog(app.app);
  await app.sync(['domains', 'backups']);
  await app.ingestAll();
  await app.data(
    gql(
      'mutation { setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2014-12-01", rate: "1" }) { fxRate { rate } } }',
    ),
  );
  const { createDeployment } = await app.data(
    gql('mutation($input: CreateDeploymentInput!) { createDeployment(input: $input) { deployment { id } } }'),
    { input: { slug: 'studio', displayName: 'Studio', tenantId: 'acme' } },
  );
  const { id } = createDeployment.deployment;
  await app.data(
    gql(
      'mutation($id: ID!) { subscribeDeployment(id: $id, planCode: "studio", startsOn: "2026-04-01") { subscription { id } } }',
    ),
    { id },
  );
  const { resources } = await app.data(gql('{ resources(filter: { kinds: [DROPLET] }) { nodes { id } } }'));
  expect(resources.nodes).toHaveLength(5);
  for (const droplet of resources.nodes) {
    await app.data(
      gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }'),
      {
        id: droplet.id,
        to: id,
      },
    );
  }
  for (const day of daysOf(rangeOf(parsePeriod('2026-04-01')))) await meterUsage(app.app, day);
  await app.data(gql('mutation { rollUpInvoices(period: "2026-04-01") { created } }'));
});
afterAll(() => app.close());

const MARGIN =
  gql(`query($cogsTax: CogsTax) { margin(period: "2026-04-01", cogsTax: $cogsTax) { overall { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent }
  byTenant { tenantId margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } } byDeployment { deployment { slug } margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } } } }`);

describe('the golden April, from the account to the margin', () => {
  it('is $71.12 − $86.92 = −$15.80, of which Studio earns $40.59 (57.1 %) over the $30.53 of its droplets', async () => {
    const { margin } = await app.data(MARGIN);
    expect(figures(margin.overall)).toEqual([7112, 8692, 790, -1580, -22.2]);
    expect(margin.overall.margin.amount).toBe('-15.80');
    expect(margin.byDeployment.map((one) => [one.deployment.slug, ...figures(one.margin)])).toEqual([
      ['studio', 7112, 3053, 0, 4059, 57.1],
    ]);
    expect(margin.byTenant.map((one) => [one.tenantId, ...figures(one.margin)])).toEqual([
      ['acme', 7112, 3053, 0, 4059, 57.1],
      [null, 0, 5639, 790, -5639, null],
    ]);
  });

  it('without the provider’s tax is $71.12 − $79.02 = −$7.90', async () => {
    const { margin } = await app.data(MARGIN, { cogsTax: 'EXCLUDED' });
    expect(figures(margin.overall)).toEqual([7112, 7902, 790, -790, -11.1]);
  });

  it('has 33 lines, each in one bucket, that come to $86.92', async () => {
    const { reconciliation } = await app.data(
      gql(`{ reconciliation(period: "2026-04-01") { costs {
      lineCount invoiced { cents } difference { cents } buckets { bucket lineCount amount { cents } } } } }`),
    );
    const costs = present(reconciliation.costs[0]);
    expect(costs).toMatchObject({ lineCount: 33, invoiced: { cents: 8692 }, difference: { cents: 0 } });
    const buckets = new Map<string, any>(costs.buckets.map((one) => [one.bucket, one]));
    expect(buckets.get('TENANT').amount.cents).toBe(3053);
    expect(buckets.get('TAX')).toMatchObject({ lineCount: 1, amount: { cents: 790 } });
    expect(buckets.get('ACCOUNT_LEVEL')).toMatchObject({ lineCount: 1, amount: { cents: 500 } });
    expect(buckets.get('HISTORIC').lineCount).toBe(11);
    const sum = (of: (one: any) => number) => costs.buckets.reduce((total: number, one) => total + of(one), 0);
    expect([sum((one) => one.lineCount), sum((one) => one.amount.cents)]).toEqual([33, 8692]);
  });
});

describe('the examples of the page', () => {
  it.each(marginExamples.map((example) => [example.title, example] as const))(
    '%s',
    async (title, { query, variables }) => {
      const { body } = await app.raw(query, variables);
      const codes = body.errors?.map(({ extensions }) => extensions['code']) ?? [];
      // One needs the id of a version, which the reader fills in.
      expect(codes).toEqual(title === 'Simulate a price' ? ['NOT_FOUND'] : []);
    },
  );
});

describe('the whole history', () => {
  it('is explained to the cent, month by month', async () => {
    const months = await app.sql<{ period: string }>(
      'select distinct period::text as period from cloud_invoices order by 1',
    );
    // 137 invoices: one month has two.
    expect(months).toHaveLength(136);
    for (const { period } of months) {
      const { reconciliation } = await app.data(
        gql(
          'query($period: Date!) { reconciliation(period: $period) { costs { difference { cents } linesTotal { cents } invoiced { cents } } } }',
        ),
        { period },
      );
      const costs = present(reconciliation.costs[0]);
      expect([period, costs.difference.cents]).toEqual([period, 0]);
      expect(costs.linesTotal).toEqual(costs.invoiced);
    }
  });

  it('shows the rise of prices in July 2022 as such', async () => {
    const { costAnomalies } = await app.data(
      gql(`{ costAnomalies(period: "2022-07-01") { history byKind { kind cause direction } byResource(first: 50) { nodes {
      kind direction cause usual { cents } current { cents } } } } }`),
    );
    expect(costAnomalies.history).toHaveLength(12);
    expect(costAnomalies.byKind).toContainEqual({ kind: 'DROPLET_BACKUP', cause: 'PRICE', direction: 'UP' });
    const causes = costAnomalies.byResource.nodes.map((one) => one.cause);
    expect(causes).toContain('PRICE');
    const dearer = costAnomalies.byResource.nodes.filter((one) => one.cause === 'PRICE');
    for (const one of dearer) {
      expect([one.kind, one.direction]).toEqual(['DROPLET', 'UP']);
      expect(one.current.cents / one.usual.cents).toBeGreaterThanOrEqual(1.2);
    }
  });
});
