import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { transferredGb } from '../../src/core/metering/transferred-gb.js';
import { meterBandwidth } from '../../src/services/metering/meter-bandwidth.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql } from '../support/typed-document.js';

let app: BillingApp;
let deploymentId: string;
const DAY = 86_400;
/** The sandbox's rates: 0.3 and 0.4 Mbit/s by id; in GB of 2^30 bytes a day. */
const gbOf = (megabits: number) => (megabits * 1e6 * DAY) / 8 / 2 ** 30;
const records = () =>
  app.sql(`select resource.name, to_char(period_start at time zone 'UTC', 'YYYY-MM-DD') as day, quantity::float8 as gb, usage.deployment_id as "deploymentId"
    from usage_records usage join cloud_resources resource on resource.id = usage.resource_id
    where usage.kind = 'bandwidth_gb' order by name, day`);
const asked = async () =>
  (await app.sandbox('GET', 'requests')).requests.filter(({ path }) => path.endsWith('/droplet/bandwidth')).length;
const meter = (day: string) =>
  app.data(gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }'), { day });

beforeAll(async () => {
  app = await startBillingApp('2026-05-01T08:00:00Z', { worker: true });
  await app.sync(['projects', 'droplets']);
  deploymentId = await app.createDeployment('sites');
  for (const name of ['git.sky-ai.com', 'mail.sky-ai.com']) {
    const { id } = await app.row<{ id: string }>(
      `select id from cloud_resources where name = $1 and kind = 'droplet'`,
      [name],
    );
    await app.data(
      gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }'),
      {
        id,
        to: deploymentId,
      },
    );
  }
});
afterAll(() => app.close());

it('what droplets sent is recorded by day, once, one request for each', async () => {
  app.setTime('2026-05-05T01:25:00Z');
  expect(await meterBandwidth(app.app)).toBe(0);
  for (const day of ['2026-05-03', '2026-05-04']) await meter(day);
  expect(await meterBandwidth(app.app)).toBe(4);
  const git = { name: 'git.sky-ai.com', gb: expect.closeTo(gbOf(0.3), 12), deploymentId };
  const mail = { name: 'mail.sky-ai.com', gb: expect.closeTo(gbOf(0.4), 12), deploymentId };
  expect(await records()).toEqual([
    { ...git, day: '2026-05-03' },
    { ...git, day: '2026-05-04' },
    { ...mail, day: '2026-05-03' },
    { ...mail, day: '2026-05-04' },
  ]);
  expect(await asked()).toBe(4);
  expect(await meterBandwidth(app.app)).toBe(0);
  expect(await asked()).toBe(4);
  const { usageRecords } = await app.data(
    gql(`query($id: ID!) { usageRecords(deploymentId: $id, from: "2026-05-01", to: "2026-05-31") { nodes { kind } } }`),
    { id: deploymentId },
  );
  expect(usageRecords.nodes.filter(({ kind }) => kind === 'BANDWIDTH_GB')).toHaveLength(4);
});

it('a provider that fails leaves the day due', async () => {
  app.setTime('2026-05-06T01:25:00Z');
  await meter('2026-05-05');
  await app.sandbox('POST', 'faults', { method: 'GET', path: '/v2/monitoring/*', times: 1, status: 403 });
  await expect(meterBandwidth(app.app)).rejects.toThrow('403');
  expect(await records()).toHaveLength(4);
  expect(await meterBandwidth(app.app)).toBe(2);
});

it('rates are summed exactly: in any order, within the window, and not across a silence', () => {
  const window = { from: 0, until: DAY };
  const steady = Array.from({ length: 288 }, (_, index): [number, string] => [index * 300, '8.589934592']);
  expect(transferredGb(steady, window).toString()).toBe('86.4');
  expect(transferredGb(steady.toReversed(), window).toString()).toBe('86.4');
  expect(transferredGb([], window).toString()).toBe('0');
  expect(
    transferredGb(
      [
        [0, '8.589934592'],
        [40_000, '0'],
      ],
      window,
    ).toString(),
  ).toBe('0.9');
  expect(
    transferredGb(
      [
        [DAY, '1'],
        [-1, '1'],
      ],
      window,
    ).toString(),
  ).toBe('0');
});
