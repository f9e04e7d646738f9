import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { tokenOf } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postGraphql } from '../support/graphql.js';
import { type Program, startProgram } from '../support/program.js';

const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
const RECORDS = `select deployment_id, resource_id, kind, granularity, period_start, quantity from usage_records
  order by kind, period_start, resource_id`;

let database: TestDatabase;
let client: pg.Client;
let deploymentId: string;
let programs: Program[] = [];
const start = async (zone = 'UTC') => {
  // Nothing here asks the provider for anything.
  const environment = { DATABASE_URL: database.url, DO_API_URL: 'http://127.0.0.1:9', TZ: zone };
  const program = await startProgram('api', environment);
  programs.push(program);
  return program;
};
const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;
const meter = async (program: Program, day: string) => {
  const { body } = await postGraphql(
    program.url,
    'mutation($day: Date!) { meterUsage(day: $day) { recordCount } }',
    { day },
    OPERATOR,
  );
  return body.data?.meterUsage?.recordCount;
};
const usage = () =>
  sql(
    'select kind, count(*)::int as records, trim_scale(round(sum(quantity), 12))::text as quantity from usage_records group by kind order by kind',
  );

beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  [{ id: deploymentId }] = (await sql(
    `insert into deployments (tenant_id, slug, display_name, state, created_at) values ('acme', 'app', 'App', 'active', now()) returning id`,
  )) as [{ id: string }];
  await sql(
    `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, attrs, deployment_id, tenant_id, first_seen_at, last_seen_at)
     select 'digitalocean', kind, kind, name, name, 'active', case when size is null then '{}' else jsonb_build_object('size_gigabytes', size) end,
       $1, 'acme', now(), now()
     from (values ('droplet', 'web-1', null), ('droplet', 'web-2', null), ('dns_zone', 'a.example', null), ('dns_zone', 'b.example', null),
       ('snapshot', 's-1', 10), ('snapshot', 's-2', 18), ('snapshot', 's-3', 20)) as resource(kind, name, size)`,
    [deploymentId],
  );
});
beforeEach(() => sql('delete from usage_records').then(() => sql('delete from metered_days')));
afterAll(async () => {
  await Promise.all(programs.map((program) => program.end('SIGTERM')));
  programs = [];
  await client.end();
  await database.drop();
});

it('ten days metered at once by two processes, continents apart, are the golden 70 records', async () => {
  const both = await Promise.all([start('Australia/Sydney'), start('America/Los_Angeles')]);
  for (let day = 1; day <= 10; day++) {
    const text = `2026-05-${String(day).padStart(2, '0')}`;
    expect(await Promise.all([...both, ...both].map((program) => meter(program, text)))).toEqual([7, 7, 7, 7]);
  }
  expect(await usage()).toEqual([
    { kind: 'dns_zones', records: 20, quantity: '0.645161290323' },
    { kind: 'droplet_hours', records: 20, quantity: '480' },
    { kind: 'snapshot_gb_month', records: 30, quantity: '15.483870967742' },
  ]);
});

it('a process that is killed half-way through a day leaves what the next one makes whole', async () => {
  const [killed, next] = await Promise.all([start(), start()]);
  expect(await meter(next, '2026-05-03')).toBe(7);
  const undisturbed = await sql(RECORDS);
  await sql('delete from usage_records');
  await sql('delete from metered_days');

  // Somebody holds one snapshot's record of that day, so that the statement stops in the middle of its rows.
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query(
    `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     select deployment_id, id, 'snapshot_gb_month', 'daily', '2026-05-03T00:00:00Z', 0 from cloud_resources where kind = 'snapshot'
     order by id desc limit 1`,
  );
  const dying = meter(killed, '2026-05-03').catch(() => 'gone');
  const waiting = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'with metered%'`;
  let pid: number | undefined;
  for (let look = 0; pid === undefined && look < 10_000; look++) pid = (await sql(waiting))[0]?.pid;
  expect(pid).toBeDefined();
  await killed.end('SIGKILL');
  expect(await dying).toBe('gone');
  expect(await usage()).toEqual([{ kind: 'droplet_hours', records: 2, quantity: '48' }]);
  expect(await sql('select day from metered_days')).toEqual([]);

  await holder.query('rollback');
  await holder.end();
  expect(await meter(next, '2026-05-03')).toBe(7);
  expect(await sql(RECORDS)).toEqual(undisturbed);
  expect(await sql('select day::text from metered_days')).toEqual([{ day: '2026-05-03' }]);
});
