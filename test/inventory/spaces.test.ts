import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

const BUCKETS =
  gql(`{ resources(filter: { kinds: [SPACES_BUCKET] }, first: 50) { nodes { id name region attrs project { name } staleStrikeCount
  events { nodes { type } } } } }`);

let app: BillingApp;
const buckets = async () => (await app.data(BUCKETS)).resources.nodes.sort((a, b) => (a.name < b.name ? -1 : 1));
const sizes = async () => (await buckets()).map(({ name, attrs }) => [name, attrs.size_gigabytes, attrs.object_count]);
const bucket = async (name: string) => (await buckets()).find((each) => each.name === name);
const put = (name: string, object_count: number, gigabytes: number) =>
  app.sandbox('PUT', `state/spaces/${name}`, {
    region: 'syd1',
    created_at: '2025-01-15T22:45:00.000Z',
    object_count,
    bytes: gigabytes * 2 ** 30,
  });

beforeAll(async () => {
  app = await startBillingApp('2026-03-31T10:00:00Z', { worker: true });
});
afterAll(() => app.close());

describe('the six golden buckets', () => {
  it('are known by URN alone at first, then with size and object count', async () => {
    await app.sync(['projects']);
    expect((await sizes()).map(([, size]) => size)).toEqual(Array(6).fill(undefined));
    await app.sync(['spaces']);
    expect(await sizes()).toEqual([
      ['bulletin-archive', 7.75, 412],
      ['community-media', 3, 655],
      ['parish-media', 41.5, 6012],
      ['skyai-assets', 12.25, 1840],
      ['skyai-backups', 86.5, 2350],
      ['studio-uploads', 23.5, 3000],
    ]);
  });

  it('keep it whichever scope looks next, and again changes nothing', async () => {
    const before = await buckets();
    expect(before.map(({ events }) => events.nodes.map((event) => event.type))).toEqual(
      Array(6).fill(['UPDATED', 'DISCOVERED']),
    );
    expect(before.map(({ attrs }) => attrs.urn)).toEqual(before.map(({ name }) => `do:space:${name}`));
    await app.sync(['projects', 'spaces', 'projects']);
    expect(await buckets()).toEqual(before);
  });

  it('are read a thousand objects a request', async () => {
    await app.sync(['spaces']);
    const { requests } = await app.sandbox('GET', 'requests');
    const listed = requests.filter(({ path }) => path.startsWith('/spaces/syd1/'));
    const last = listed.slice(listed.findLastIndex(({ path }) => path === '/spaces/syd1/'));
    // One for the list; 7 of parish-media, 3 of studio-uploads and of skyai-backups, 2 of skyai-assets, 1 of each other.
    expect(last).toHaveLength(1 + 7 + 3 + 3 + 2 + 1 + 1);
  });
});

describe('a bucket', () => {
  it('of more objects than one run reads shows no size until the runs have summed all of them', async () => {
    await put('community-media', 250_500, 90);
    await app.sync(['spaces']);
    expect(present(await bucket('community-media')).attrs).toMatchObject({ size_gigabytes: 3, object_count: 655 });
    const messages = (await app.sql(`select message from sync_events where message like '%objects summed%'`)).map(
      ({ message }) => message,
    );
    expect(messages).toEqual([
      'spaces/syd1/community-media: 200000 objects summed so far; the next run continues, so nothing was struck',
    ]);
    await app.sync(['spaces']);
    expect(present(await bucket('community-media')).attrs).toMatchObject({ size_gigabytes: 90, object_count: 250500 });
    await put('community-media', 655, 3);
    await app.sync(['spaces']);
    expect(present(await bucket('community-media')).attrs).toMatchObject({ size_gigabytes: 3, object_count: 655 });
  }, 120_000);

  it('keeps its size if the provider fails, and the run says why without the key', async () => {
    const before = await buckets();
    await app.sandbox('POST', 'faults', { method: 'GET', path: '/spaces/syd1/skyai-assets*', times: 10, status: 403 });
    await app.sync(['spaces']);
    await app.sandbox('DELETE', 'faults');
    const run = await app.row(
      `select status, error from sync_runs where scope = 'spaces' order by number desc limit 1`,
    );
    expect(run).toEqual({
      status: 'failed',
      error: 'Spaces did not answer ListObjectsV2 syd1/skyai-assets: 403 InternalError',
    });
    expect(await buckets()).toEqual(before);
  });

  it('above its plan’s allowance is billed: 200 GB through April of Studio’s 100, at 2 c', async () => {
    await put('studio-uploads', 1_000, 200);
    await app.sync(['spaces']);
    const id = await app.createDeployment('uploads', 'studio-tenant');
    await app.subscribe(id, 'studio', { startsOn: '2026-04-01' });
    const { id: resourceId } = present(await bucket('studio-uploads'));
    await app.data(
      gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }'),
      {
        id: resourceId,
        to: id,
      },
    );
    app.setTime('2026-05-01T03:00:00Z');
    for (let day = 1; day <= 30; day++) {
      await app.data(gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }'), {
        day: `2026-04-${String(day).padStart(2, '0')}`,
      });
    }
    await app.data(gql('mutation { rollUpInvoices(period: "2026-04-01", tenantId: "studio-tenant") { created } }'));
    const { invoices } = await app.data(
      gql(`{ invoices(filter: { tenantId: "studio-tenant" }) { nodes { subtotal { amount }
      lines { line { kind billingKind amount { amount } quantity unit } } } } }`),
    );
    expect(present(invoices.nodes[0]).subtotal.amount).toBe('52.00');
    const overage = present(present(invoices.nodes[0]).lines.find(({ line }) => line.kind === 'OVERAGE'));
    expect(overage.line).toMatchObject({ billingKind: 'SPACES_GB_MONTH', amount: { amount: '2.00' }, quantity: '100' });
  });
});
