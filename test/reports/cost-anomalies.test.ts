import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gql, present } from '../support/typed-document.js';
import { type MarginApp, startMarginApp, type TestCostLine } from './margin-app.js';

let app: MarginApp;
const ids: Record<string, string> = {};
const ANOMALIES =
  gql(`query($period: Date!, $first: Int, $after: Cursor) { costAnomalies(period: $period) { period currency history fxRates { rate }
  byResource(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
    nodes { resource { name } event { type changes } impact { tenantId margin { cents } } kind direction current { cents } usual { cents } change { cents currency } score cause } }
  byKind { impacts { tenantId margin { cents } } kind direction current { cents } usual { cents } change { cents currency } score cause } } }`);
const anomalies = async (period = '2026-04-01', page: object = {}) =>
  (await app.data(ANOMALIES, { period, first: 50, ...page })).costAnomalies;
const line = (name: string, cents: number, over: Partial<TestCostLine> = {}): TestCostLine => ({
  kind: 'droplet',
  cents,
  resourceId: ids[name] as string,
  hours: '720',
  description: `${name} (s-1vcpu-1gb)`,
  ...over,
});
const STEADY = (): TestCostLine[] => [
  line('steady', 600),
  line('resized', 600),
  line('gone', 600),
  line('dearer', 600),
];

beforeAll(async () => {
  app = await startMarginApp('2026-05-01T03:00:00Z');
  const deployment = await app.createDeployment('app', 'acme');
  for (const name of ['steady', 'resized', 'fresh'])
    ids[name] = await app.addResource(deployment, { kind: 'droplet', name });
  ids['gone'] = await app.addLooseResource({ name: 'gone', tenantId: 'beta' });
  ids['dearer'] = await app.addLooseResource({ name: 'dearer' });
  const event = (name: string, type: string, at: string, changes: object = {}) =>
    app.sql(
      `insert into cloud_resource_events (resource_id, type, at, changes, actor) values ($1, $2, $3, $4, 'sync:test')`,
      [ids[name], type, at, JSON.stringify(changes)],
    );
  await event('fresh', 'discovered', '2026-04-02T00:00:00Z');
  await event('resized', 'updated', '2026-03-28T00:00:00Z', {
    'attrs.size_slug': { from: 's-1vcpu-1gb', to: 's-2vcpu-2gb' },
  });
  await event('resized', 'updated', '2026-04-03T00:00:00Z', { name: { from: 'a', to: 'b' } });
  await event('gone', 'deleted', '2026-03-31T12:00:00Z');
  for (const month of ['2025-11', '2025-12', '2026-01', '2026-02', '2026-03'])
    await app.addCloudInvoice(`${month}-01`, STEADY());
  await app.addCloudInvoice('2026-04-01', [
    line('steady', 604),
    line('resized', 1800, { description: 'resized (s-2vcpu-2gb)' }),
    line('fresh', 310, { hours: '336' }),
    line('dearer', 900),
    { cents: 500, status: 'account_level' },
    { cents: 420, status: 'tax' },
  ]);
});
afterAll(() => app.close());

describe('cost anomalies', () => {
  it('need the rate of the month by name, and a past to be compared with', async () => {
    const { body } = await app.graphql(ANOMALIES, { period: '2026-04-01', first: 1 });
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      base: 'USD',
      quote: 'AUD',
      day: '2026-04-30',
    });
    await app.setRate('2026-01-01', '1.5');
    // The first two months have no rate, so they are no part of the comparison.
    expect(await anomalies()).toMatchObject({
      history: ['2026-03-01', '2026-02-01', '2026-01-01'],
      fxRates: [{ rate: '1.5' }],
    });
    await app.setRate('2025-01-01', '1.5');
    expect(await anomalies('2025-11-01')).toMatchObject({ history: [], byResource: { totalCount: 0 }, byKind: [] });
    expect(await anomalies('2030-01-01')).toMatchObject({ history: [], byResource: { totalCount: 0 } });
  });

  it('name what moved, why by the event log, and whose margin it moves; the largest first', async () => {
    const { byResource, history, currency } = await anomalies();
    expect([currency, history.length]).toEqual(['AUD', 5]);
    expect(
      byResource.nodes.map((one) => [
        one.resource.name,
        one.direction,
        one.usual.cents,
        one.current.cents,
        one.change.cents,
        one.cause,
        one.event?.type ?? null,
        one.impact.tenantId,
        one.impact.margin.cents,
      ]),
    ).toEqual([
      ['resized', 'UP', 900, 2700, 1800, 'RESIZED', 'UPDATED', 'acme', -1800],
      ['gone', 'DOWN', 900, 0, -900, 'GONE', 'DELETED', 'beta', 900],
      ['fresh', 'UP', 0, 465, 465, 'NEW', 'DISCOVERED', 'acme', -465],
      ['dearer', 'UP', 900, 1350, 450, 'PRICE', null, null, -450],
    ]);
    expect(present(present(byResource.nodes[0]).event).changes).toHaveProperty(['attrs.size_slug']);
    expect(present(byResource.nodes[0]).score).toBe('66.7');
  });

  it('of a kind say whose margin it moves, part by part', async () => {
    const { byKind } = await anomalies();
    expect(byKind).toHaveLength(1);
    expect(byKind[0]).toMatchObject({
      kind: 'DROPLET',
      direction: 'UP',
      usual: { cents: 3600 },
      current: { cents: 5421 },
      change: { cents: 1821, currency: 'AUD' },
      cause: 'RESIZED',
    });
    expect(present(byKind[0]).impacts).toEqual([
      { tenantId: null, margin: { cents: -450 } },
      { tenantId: 'acme', margin: { cents: -2271 } },
      { tenantId: 'beta', margin: { cents: 900 } },
    ]);
    const impacts = present(byKind[0]).impacts.map((one) => one.margin.cents);
    expect(impacts.reduce((sum: number, one: number) => sum + one, 0)).toBe(-1821);
  });

  it('are read page by page', async () => {
    const seen: string[] = [];
    for (let after: string | null = null; ; ) {
      const { byResource } = await anomalies('2026-04-01', { first: 1, after });
      expect(byResource.totalCount).toBe(4);
      seen.push(...byResource.nodes.map((one) => one.resource.name));
      if (!byResource.pageInfo.hasNextPage) break;
      after = byResource.pageInfo.endCursor;
    }
    expect(seen.sort()).toEqual(['dearer', 'fresh', 'gone', 'resized']);
  });

  it('of the rate alone are told as such', async () => {
    await app.addCloudInvoice('2026-05-01', [
      line('steady', 604),
      line('resized', 1800, { description: 'resized (s-2vcpu-2gb)' }),
      line('fresh', 310, { hours: '336' }),
      line('dearer', 900),
    ]);
    await app.setRate('2026-05-15', '1.9');
    const { byResource } = await anomalies('2026-05-01');
    const steady = byResource.nodes.find((one) => one.resource.name === 'steady');
    expect(steady).toMatchObject({ cause: 'FX', usual: { cents: 900 }, current: { cents: 1148 }, event: null });
    // What was gone before the month it is compared with is no news any more.
    expect(byResource.nodes.map((one) => one.resource.name)).not.toContain('gone');
  });

  it('are for operators', async () => {
    expect(await app.codeOf(ANOMALIES, { period: '2026-04-01' }, app.tenant('acme'))).toBe('FORBIDDEN');
  });
});
