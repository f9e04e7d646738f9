import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { tokenOf } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postGraphql } from '../support/graphql.js';
import { type Program, startProgram } from '../support/program.js';
import { gql, present, type TypedDocument } from '../support/typed-document.js';

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
    gql('mutation($day: Date!) { meterUsage(day: $day) { recordCount } }'),
    { day },
    OPERATOR,
  );
  return body.data?.meterUsage?.recordCount;
};
/** Once a statement like that waits for a lock. */
async function blocked(statement: string): Promise<void> {
  const waits = `select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like $1`;
  const deadline = Date.now() + 30_000;
  while ((await sql(waits, [statement])).length === 0) {
    if (Date.now() > deadline) throw new Error(`nothing like "${statement}" waits`);
  }
}
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
  await blocked('/* meter-usage */%');
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

it('a process that is killed half-way through a rollup leaves whole invoices, and the next one drafts the others', async () => {
  const [killed, next] = await Promise.all([start(), start()]);
  const ask = async <Data, Variables extends object>(
    program: Program,
    document: TypedDocument<Data, Variables>,
    variables?: NoInfer<Variables>,
  ) => present((await postGraphql(program.url, document, variables, OPERATOR)).body.data);
  await ask(next, gql('mutation { createPlan(input: { code: "flat", name: "Flat" }) { plan { id } } }'));
  const { createPlanVersion } = await ask(
    next,
    gql(
      'mutation { createPlanVersion(input: { planCode: "flat", basePriceCents: 1000, items: [] }) { planVersion { id } } }',
    ),
  );
  const { id: versionId } = createPlanVersion.planVersion;
  await ask(next, gql('mutation($id: ID!) { publishPlanVersion(id: $id) { planVersion { id } } }'), { id: versionId });
  await sql(
    `with made as (insert into deployments (tenant_id, slug, display_name, state, created_at)
       select 'tenant-' || to_char(n, 'FM000'), 'app', 'App', 'active', now() from generate_series(0, 249) n returning id, tenant_id),
     subscribed as (insert into subscriptions (deployment_id, plan_version_id, status, starts_on, created_at)
       select id, $1, 'active', '2026-04-01', now() from made returning id),
     charged as (insert into llm_usage_events (gateway_request_id, deployment_id, occurred_at, model, input_tokens, output_tokens, charge, currency, recorded_at)
       select tenant_id, id, '2026-04-05', 'm', 1, 1, 2, 'AUD', now() from made)
     insert into subscription_segments (subscription_id, plan_version_id, from_day) select id, $1, '2026-04-01' from subscribed`,
    [versionId],
  );
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin');
  await holder.query(`select pg_advisory_xact_lock(hashtext('invoices'), hashtext('tenant-150'))`);
  const ROLL_UP = gql('mutation { rollUpInvoices(period: "2026-04-01") { created skipped failed { reason } } }');
  const dying = ask(killed, ROLL_UP).catch(() => 'gone');
  await blocked('%pg_advisory_xact_lock%');
  await killed.end('SIGKILL');
  expect(await dying).toBe('gone');
  const state = () =>
    sql(`select count(*)::int as invoices, sum(total_cents)::int as cents,
      (select count(*)::int from invoice_lines) as lines, (select count(*)::int from llm_usage_events where invoice_id is not null) as charges
      from invoices`);
  expect(await state()).toEqual([{ invoices: 100, cents: 100 * 1320, lines: 300, charges: 100 }]);
  await holder.query('rollback');
  await holder.end();
  expect(await ask(next, ROLL_UP)).toEqual({ rollUpInvoices: { created: 150, skipped: 100, failed: [] } });
  expect(await state()).toEqual([{ invoices: 250, cents: 250 * 1320, lines: 750, charges: 250 }]);
});
