import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CogsTax } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';
import { figures, type MarginApp, startMarginApp } from './margin-app.js';

let app: MarginApp;
let deploymentId: string;
beforeAll(async () => {
  app = await startMarginApp('2026-05-01T03:00:00Z');
  deploymentId = await app.createDeployment('studio', 'acme');
  await app.subscribe(deploymentId, 'studio', { startsOn: '2026-04-01' });
  const droplets: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    droplets.push(await app.addResource(deploymentId, { kind: 'droplet', name }));
  }
  await app.meterMonth('2026-04-01');
  await app.rollUp('2026-04-01');
  const gone = await app.addLooseResource({ name: 'gone', deletedAt: '2026-04-20' });
  const owned = await app.addLooseResource({ name: 'owned', kind: 'volume', tenantId: 'beta' });
  await app.addCloudInvoice('2026-04-01', [
    ...droplets.map((resourceId) => ({ kind: 'droplet', cents: 600, resourceId })),
    { kind: 'droplet_backup', cents: 53, resourceId: droplets[0] as string },
    { kind: 'droplet', cents: 2000, resourceId: gone, status: 'historic' },
    { kind: 'volume', cents: 849, resourceId: owned },
    { kind: 'snapshot', cents: 1500 },
    { cents: 500, status: 'account_level' },
    { cents: 790, status: 'tax' },
  ]);
});
afterAll(() => app.close());

const MARGIN = gql(`query($period: Date!, $cogsTax: CogsTax) { margin(period: $period, cogsTax: $cogsTax) {
  period currency fxRates { base quote effectiveFrom rate } overall { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent }
  byTenant { tenantId margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } } byDeployment { deployment { slug } margin { revenue { cents } cogs { cents } cogsTax { cents } margin { cents amount currency } marginPercent } }
  revenueByKind { kind billingKind revenue { cents } } cogsByKind { kind cogs { cents } } } }`);
const FX_EFFECT = gql(`query($period: Date!) { margin(period: $period) { overall { margin { cents } } fxEffect {
  fxRates { rate } previousFxRates { rate } overall { margin { cents } marginAtPreviousRate { cents } fxEffect { cents } }
  byTenant { tenantId margin { cents } marginAtPreviousRate { cents } fxEffect { cents } } } } }`);
const margin = async (period: string, cogsTax?: CogsTax) => (await app.data(MARGIN, { period, cogsTax })).margin;

describe('margin', () => {
  it('names the pair and day of a rate that is missing, and never takes it for 1', async () => {
    const { body } = await app.graphql(MARGIN, { period: '2026-04-17' });
    expect(body.data).toBeNull();
    expect(body.errors?.[0]).toMatchObject({
      message:
        'There is no rate from USD to AUD on 2026-04-30. An operator sets one that is effective by then: setFxRate(input: { base: USD, quote: AUD, effectiveFrom: "2026-04-30", rate: "…" }).',
      extensions: {
        code: 'BAD_USER_INPUT',
        fields: [{ path: 'period' }],
        base: 'USD',
        quote: 'AUD',
        day: '2026-04-30',
      },
    });
    await app.setRate('2026-05-01', '1.7');
    expect(await app.codeOf(MARGIN, { period: '2026-04-17' })).toBe('BAD_USER_INPUT');
  });

  it('of the golden April is $71.12 − $86.92 = −$15.80, by tenant, deployment and kind', async () => {
    await app.setRate('2026-04-01', '1');
    const report = await margin('2026-04-17');
    expect(report).toMatchObject({
      period: '2026-04-01',
      currency: 'AUD',
      fxRates: [{ base: 'USD', quote: 'AUD', effectiveFrom: '2026-04-01', rate: '1' }],
      overall: { margin: { cents: -1580, amount: '-15.80', currency: 'AUD' } },
    });
    expect(figures(report.overall)).toEqual([7112, 8692, 790, -1580, -22.2]);
    expect(report.byTenant.map((one) => [one.tenantId, ...figures(one.margin)])).toEqual([
      ['acme', 7112, 3053, 0, 4059, 57.1],
      ['beta', 0, 849, 0, -849, null],
      [null, 0, 4790, 790, -4790, null],
    ]);
    expect(report.byDeployment.map((one) => [one.deployment.slug, ...figures(one.margin)])).toEqual([
      ['studio', 7112, 3053, 0, 4059, 57.1],
    ]);
    expect(report.revenueByKind).toEqual([
      { kind: 'OVERAGE', billingKind: 'DROPLET_HOURS', revenue: { cents: 2112 } },
      { kind: 'PLAN_BASE', billingKind: null, revenue: { cents: 5000 } },
    ]);
    expect(report.cogsByKind).toEqual([
      { kind: 'DROPLET', cogs: { cents: 5000 } },
      { kind: 'DROPLET_BACKUP', cogs: { cents: 53 } },
      { kind: 'SNAPSHOT', cogs: { cents: 1500 } },
      { kind: 'VOLUME', cogs: { cents: 849 } },
      { kind: null, cogs: { cents: 1290 } },
    ]);
    expect(figures((await margin('2026-04-01', 'INCLUDED')).overall)).toEqual(figures(report.overall));
  });

  it('leaves the provider’s tax out where it is EXCLUDED, and still names it', async () => {
    const report = await margin('2026-04-01', 'EXCLUDED');
    expect(figures(report.overall)).toEqual([7112, 7902, 790, -790, -11.1]);
    expect(report.byTenant.at(-1)).toMatchObject({ tenantId: null, margin: { cogs: { cents: 4000 } } });
    expect(report.cogsByKind.at(-1)).toEqual({ kind: null, cogs: { cents: 500 } });
  });

  it('converts each line at the rate of the month’s last day, and tells the rate’s move from business', async () => {
    await app.setRate('2026-03-10', '1.5');
    await app.setRate('2026-04-15', '1.6');
    const report = await margin('2026-04-01');
    expect(report.fxRates).toEqual([{ base: 'USD', quote: 'AUD', effectiveFrom: '2026-04-15', rate: '1.6' }]);
    // 5 × 960 + 85; 3200; 1358; 2400; 800; 1264, each line rounded by itself.
    expect(report.overall.cogs.cents).toBe(4885 + 3200 + 1358 + 2400 + 800 + 1264);
    const { fxEffect, overall } = (await app.data(FX_EFFECT, { period: '2026-04-01' })).margin;
    expect(present(fxEffect).fxRates).toEqual([{ rate: '1.6' }]);
    expect(present(fxEffect).previousFxRates).toEqual([{ rate: '1.5' }]);
    expect(overall.margin.cents).toBe(7112 - 13_907);
    const acme = { margin: { cents: 2227 }, marginAtPreviousRate: { cents: 2532 }, fxEffect: { cents: -305 } };
    expect(present(fxEffect).byTenant[0]).toEqual({ tenantId: 'acme', ...acme });
    const parts = present(fxEffect).byTenant.map((one) => one.fxEffect.cents);
    expect(parts.reduce((sum: number, one: number) => sum + one, 0)).toBe(present(fxEffect).overall.fxEffect.cents);
  });

  it('stands where only the rate of the month before is missing, whose absence is named in its place', async () => {
    await app.sql(`delete from fx_rates where effective_from = '2026-03-10'`);
    const { body } = await app.graphql(FX_EFFECT, { period: '2026-04-01' });
    expect(present(body.data).margin.overall.margin.cents).toBe(7112 - 13_907);
    expect(present(body.data).margin.fxEffect).toBeNull();
    expect(body.errors?.[0]).toMatchObject({
      path: ['margin', 'fxEffect'],
      extensions: { code: 'BAD_USER_INPUT', day: '2026-03-31' },
    });
  });

  it('needs no rate for a month without anything in dollars, and shows a month of nothing as such', async () => {
    const report = await margin('2019-01-31');
    expect(report).toMatchObject({ period: '2019-01-01', fxRates: [], byTenant: [], byDeployment: [], cogsByKind: [] });
    expect(figures(report.overall)).toEqual([0, 0, 0, 0, null]);
  });

  it('counts a draft, an issued and a paid invoice, and no void one', async () => {
    const revenue = async () => (await margin('2026-04-01')).overall.revenue.cents;
    const other = await app.createDeployment('other', 'beta');
    await app.subscribe(other, 'starter', { startsOn: '2026-04-01' });
    await app.rollUp('2026-04-01');
    expect(await revenue()).toBe(9112);
    const { invoices } = await app.data(gql('{ invoices { nodes { id tenantId } } }'));
    const idOf = (tenant: string) => present(invoices.nodes.find((one) => one.tenantId === tenant)).id;
    await app.data(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { status } } }'), { id: idOf('acme') });
    expect(await revenue()).toBe(9112);
    await app.data(gql('mutation($id: ID!) { markInvoicePaid(id: $id) { invoice { status } } }'), { id: idOf('acme') });
    expect(await revenue()).toBe(9112);
    await app.data(gql('mutation($id: ID!) { voidInvoice(id: $id, reason: "a test") { invoice { status } } }'), {
      id: idOf('beta'),
    });
    expect(await revenue()).toBe(7112);
    expect((await margin('2026-04-01')).byTenant[1]).toMatchObject({
      tenantId: 'beta',
      margin: { revenue: { cents: 0 } },
    });
  });

  it('follows a resource to its deployment’s tenant, and back', async () => {
    const { id } = await app.row<{ id: string }>(`select id from cloud_resources where name = 'owned'`);
    await app.data(
      gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }'),
      {
        id,
        to: deploymentId,
      },
    );
    const report = await margin('2026-04-01');
    expect(report.byTenant.map((one) => [one.tenantId, one.margin.cogs.cents])).toEqual([
      ['acme', 4885 + 1358],
      [null, 7664],
    ]);
  });

  it('is for operators', async () => {
    expect(await app.codeOf(MARGIN, { period: '2026-04-01' }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await app.codeOf(MARGIN, { period: 'april' })).toBe('BAD_USER_INPUT');
  });
});
