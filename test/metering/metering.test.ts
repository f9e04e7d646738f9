import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { addDays, parseDay } from '../../src/core/time/period.js';
import { meterDueDays, meterUsage } from '../../src/services/metering/meter-usage.js';
import { pruneUsage } from '../../src/services/metering/prune-usage.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

let app: BillingApp;
beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
});
afterAll(() => app.close());

const METER = gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }');
const USAGE = gql(
  'query($id: ID!, $from: Date!, $to: Date!) { deployment(id: $id) { usage(from: $from, to: $to) { kind quantity } } }',
);
const CONFIG = gql(
  `mutation($input: MeteringConfigInput!) { setMeteringConfig(input: $input) { config { kind granularity retentionDays } } }`,
);
const meter = async (day: string) => (await app.data(METER, { day })).meterUsage.recordCount;
const usage = async (id: string, from: string, to: string) =>
  present((await app.data(USAGE, { id, from, to })).deployment).usage;
/** Once a statement like that waits for a lock. */
async function blocked(statement: string): Promise<void> {
  const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`;
  const deadline = Date.now() + 30_000;
  while ((await app.sql(waits, [statement])).length === 0) {
    if (Date.now() > deadline) throw new Error(`nothing like "${statement}" waits`);
  }
}
const records = () =>
  app.sql(
    `select deployment_id, resource_id, kind, granularity, period_start, quantity from usage_records order by kind, granularity, period_start, resource_id`,
  );

beforeEach(async () => {
  app.setTime('2026-05-20');
  await app.sql(
    'delete from usage_records; delete from metered_days; delete from cloud_resources; delete from metering_config',
  );
});

async function addGoldenResources(id: string): Promise<void> {
  for (const name of ['web-1', 'web-2']) await app.addResource(id, { kind: 'droplet', name });
  for (const name of ['a.example', 'b.example']) await app.addResource(id, { kind: 'dns_zone', name });
  for (const size_gigabytes of [10, 18, 20]) {
    await app.addResource(id, { kind: 'snapshot', name: `snap-${size_gigabytes}`, attrs: { size_gigabytes } });
  }
}

describe('a day', () => {
  it('of the golden resources, ten times, gives 70 records that sum as they should', async () => {
    const id = await app.createDeployment('golden');
    await addGoldenResources(id);
    for (let n = 0; n < 10; n++) expect(await meter(addDays(parseDay('2026-05-01'), n))).toBe(7);
    expect(await records()).toHaveLength(70);
    expect(await usage(id, '2026-05-01', '2026-05-31')).toEqual([
      { kind: 'DROPLET_HOURS', quantity: '480' },
      { kind: 'SNAPSHOT_GB_MONTH', quantity: '15.483870967742' },
      { kind: 'DNS_ZONES', quantity: '0.645161290323' },
    ]);
    expect(await usage(id, '2026-05-02', '2026-05-02')).toContainEqual({ kind: 'DROPLET_HOURS', quantity: '48' });
  });

  it('metered again, and in two processes at once, is the same set of records', async () => {
    const id = await app.createDeployment('twice');
    await addGoldenResources(id);
    await meter('2026-05-03');
    const once = await records();
    await Promise.all([1, 2, 3].map(() => meterUsage(app.app, '2026-05-03')));
    expect(await records()).toEqual(once);
    const { usageRecords } = await app.data(
      gql(`query($id: ID!) { usageRecords(deploymentId: $id, from: "2026-05-03", to: "2026-05-03", first: 5) {
        totalCount pageInfo { hasNextPage endCursor } nodes { kind granularity periodStart quantity resource { name } } } }`),
      { id },
    );
    expect(usageRecords).toMatchObject({ totalCount: 7, pageInfo: { hasNextPage: true } });
    expect(usageRecords.nodes[0]).toEqual({
      kind: 'DROPLET_HOURS',
      granularity: 'DAILY',
      periodStart: '2026-05-03T00:00:00.000Z',
      quantity: '24',
      resource: { name: expect.stringMatching(/^web-/) },
    });
  });

  it('counts a droplet that is off as 0, and leaves out what was not there', async () => {
    const id = await app.createDeployment('states');
    await app.addResource(id, { kind: 'droplet', name: 'off', status: 'off' });
    await app.addResource(id, { kind: 'droplet', name: 'later', attrs: { created_at: '2026-05-04T00:10:00Z' } });
    await app.addResource(id, { kind: 'spaces_bucket', name: 'of unknown size' });
    await app.addResource(id, { kind: 'firewall', name: 'free' });
    const gone = await app.addResource(id, { kind: 'droplet', name: 'gone' });
    await app.sql(`update cloud_resources set deleted_at = '2026-05-03T10:00:00Z' where id = $1`, [gone]);
    expect(await meter('2026-05-04')).toBe(2);
    // 23 hours and 50 minutes of the one that was made on that day.
    expect(await usage(id, '2026-05-04', '2026-05-04')).toEqual([
      { kind: 'DROPLET_HOURS', quantity: '23.833333333333' },
    ]);
    expect(await meter('2026-05-03')).toBe(2);
    expect(await usage(id, '2026-05-03', '2026-05-03')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '10' }]);
    expect(await meter('2026-05-02')).toBe(2);
  });

  it('that is past counts for the deployment that a resource had on it', async () => {
    const [from, to] = [await app.createDeployment('moved-from'), await app.createDeployment('moved-to')];
    const resource = await app.addResource(from, { kind: 'droplet', name: 'mover' });
    await meter('2026-05-03');
    await app.data(
      gql('mutation($id: ID!, $to: ID) { assignResource(id: $id, deploymentId: $to) { resource { id } } }'),
      {
        id: resource,
        to,
      },
    );
    await meter('2026-05-03');
    expect(await records()).toHaveLength(1);
    expect(await usage(from, '2026-05-03', '2026-05-03')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '24' }]);
    expect(await usage(to, '2026-05-03', '2026-05-03')).toEqual([]);
  });

  it('by the hour sums to the same, and replaces the daily record', async () => {
    const id = await app.createDeployment('hourly');
    await app.addResource(id, { kind: 'snapshot', name: 'snap', attrs: { size_gigabytes: 18.7 } });
    await meter('2026-05-03');
    const daily = await usage(id, '2026-05-03', '2026-05-03');
    await app.data(CONFIG, { input: { kind: 'SNAPSHOT_GB_MONTH', granularity: 'HOURLY', retentionDays: 100 } });
    expect(await meter('2026-05-03')).toBe(24);
    expect(await records()).toHaveLength(24);
    expect(await usage(id, '2026-05-03', '2026-05-03')).toEqual(daily);
  });

  it('with a size that cannot be is left out, and harms no other resource', async () => {
    const id = await app.createDeployment('odd-sizes');
    for (const size_gigabytes of [-5, 1e30, 'many', null, 31]) {
      await app.addResource(id, { kind: 'snapshot', name: `snap of ${size_gigabytes}`, attrs: { size_gigabytes } });
    }
    expect(await meter('2026-05-03')).toBe(1);
    expect(await usage(id, '2026-05-03', '2026-05-03')).toEqual([{ kind: 'SNAPSHOT_GB_MONTH', quantity: '1' }]);
  });

  it('of two granularities at once, changed in between, is counted once', async () => {
    const id = await app.createDeployment('between');
    const resource = await app.addResource(id, { kind: 'droplet', name: 'web' });
    const held = app.app.db.createQueryRunner();
    await held.startTransaction();
    await held.query(
      `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
       values ($1, $2, 'droplet_hours', 'daily', '2026-05-03T00:00:00Z', 1)`,
      [id, resource],
    );
    const daily = meterUsage(app.app, '2026-05-03');
    await blocked('/* meter-usage */%');
    await app.data(CONFIG, { input: { kind: 'DROPLET_HOURS', granularity: 'HOURLY', retentionDays: 100 } });
    const hourly = meterUsage(app.app, '2026-05-03');
    await blocked('/* hold-issues */%');
    await held.rollbackTransaction();
    await held.release();
    expect(await Promise.all([daily, hourly])).toEqual([1, 24]);
    expect(await usage(id, '2026-05-03', '2026-05-03')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '24' }]);
    expect(await records()).toHaveLength(24);
  });

  it('that is not over, or metered by a tenant, is refused', async () => {
    expect(await app.codeOf(METER, { day: '2026-05-20' })).toBe('BAD_USER_INPUT');
    expect(await app.codeOf(METER, { day: '2026-05-03' }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await app.codeOf(gql('{ meteringConfig { kind } }'), {}, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await records()).toEqual([]);
  });
});

describe('the schedule', () => {
  it('finds days that were missed before one that an operator metered', async () => {
    const id = await app.createDeployment('gaps');
    await app.addResource(id, { kind: 'droplet', name: 'web' });
    await meterDueDays(app.app);
    app.setTime('2026-05-26T08:00:00Z');
    expect(await meter('2026-05-24')).toBe(1);
    await meterDueDays(app.app);
    expect(await app.sql('select day::text from metered_days order by metered_days.day')).toEqual(
      [19, 20, 21, 22, 23, 24, 25].map((day) => ({ day: `2026-05-${day}` })),
    );
    expect(await usage(id, '2026-05-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '168' }]);
  });

  it('meters the day before, and after a stop every day that was missed', async () => {
    const id = await app.createDeployment('scheduled');
    await app.addResource(id, { kind: 'droplet', name: 'web' });
    await meterDueDays(app.app);
    expect(await usage(id, '2026-05-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '24' }]);
    app.setTime('2026-05-24T01:10:00Z');
    await meterDueDays(app.app);
    expect(await usage(id, '2026-05-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '120' }]);
  });

  it('drops records past their retention, but never of this month or the last', async () => {
    const id = await app.createDeployment('kept');
    await app.addResource(id, { kind: 'droplet', name: 'web' });
    for (const day of ['2026-03-31', '2026-04-01', '2026-05-01']) await meter(day);
    await app.data(CONFIG, { input: { kind: 'DROPLET_HOURS', granularity: 'DAILY', retentionDays: 5 } });
    await pruneUsage(app.app);
    expect(await usage(id, '2026-03-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '48' }]);
    const { meteringConfig } = await app.data(gql('{ meteringConfig { kind granularity retentionDays } }'));
    expect(meteringConfig.slice(0, 2)).toEqual([
      { kind: 'DROPLET_HOURS', granularity: 'DAILY', retentionDays: 5 },
      { kind: 'SPACES_GB_MONTH', granularity: 'DAILY', retentionDays: 760 },
    ]);
    expect(await app.codeOf(CONFIG, { input: { kind: 'DROPLET_HOURS', granularity: 'DAILY', retentionDays: 0 } })).toBe(
      'BAD_USER_INPUT',
    );
  });
});

it('records from the oldest draft’s month on stay, however short their retention', async () => {
  const id = await app.createDeployment('drafted', 'drafted');
  await app.addResource(id, { kind: 'droplet', name: 'web' });
  await app.subscribe(id, 'starter', { startsOn: '2026-02-01' });
  for (const day of ['2026-01-31', '2026-02-01', '2026-03-01', '2026-04-01']) await meter(day);
  await app.data(CONFIG, { input: { kind: 'DROPLET_HOURS', granularity: 'DAILY', retentionDays: 5 } });
  const { rollUpInvoices } = await app.data(
    gql('mutation { rollUpInvoices(period: "2026-02-01", allowUnmetered: true) { created } }'),
  );
  expect(rollUpInvoices.created).toBe(1);
  await pruneUsage(app.app);
  expect(await usage(id, '2026-01-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '72' }]);
  const { invoices } = await app.data(gql('{ invoices(filter: { tenantId: "drafted" }) { nodes { id } } }'));
  await app.data(gql('mutation($id: ID!) { issueInvoice(id: $id) { invoice { id } } }'), {
    id: present(invoices.nodes[0]).id,
  });
  await pruneUsage(app.app);
  expect(await usage(id, '2026-01-01', '2026-05-31')).toEqual([{ kind: 'DROPLET_HOURS', quantity: '24' }]);
});

it('another tenant’s usage reads as none', async () => {
  const id = await app.createDeployment('secret');
  const query = gql(
    'query($id: ID!) { usageRecords(deploymentId: $id, from: "2026-05-01", to: "2026-05-02") { totalCount } }',
  );
  expect(await app.codeOf(query, { id }, app.tenant('globex'))).toBe('NOT_FOUND');
  expect(await app.codeOf(query, { id }, app.tenant('acme'))).toBeUndefined();
});
