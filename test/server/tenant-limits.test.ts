import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startTestApp, type TestApp } from '../support/app.js';
import { askSocket } from '../support/ask-socket.js';
import { gql, present } from '../support/typed-document.js';

let app: TestApp;
let acme: string;
beforeAll(async () => {
  app = await startTestApp({ worker: false, environment: { OPERATION_TIMEOUT_MS: '3000' } });
  acme = app.tenant('acme');
  await app.sql(
    `with one as (
       insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
       values ('acme', '2026-01-01', 'draft', 'AUD', 0, 0, 0, now()) returning id)
     insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents, amount_cents, currency, meta)
     select one.id, n, 'addon', 'line', 1, 'month', 0, 0, 'AUD', '{}' from one, generate_series(1, 150) n`,
  );
});
afterAll(() => app.close());

/** Nobody reads `table` until the answer is called. */
async function lock(table: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in access exclusive mode`);
  return () => client.end();
}

const LINES = 'lines { invoice { '.repeat(3);
const LARGE = `{ invoices(first: 1) { nodes { ${LINES} id ${'} } '.repeat(3)} } } }`;

describe('an answer', () => {
  it('of more than 60,000 values is given up, whichever executor puts it together', async () => {
    for (let time = 0; time < 3; time++) {
      const { body } = await app.raw(LARGE, {}, acme);
      expect(body.data).toBeUndefined();
      expect(body.errors).toHaveLength(1);
      expect(body.errors?.[0]).toMatchObject({
        message: 'The answer holds more than 60000 values; ask for less at once.',
        extensions: { code: 'QUERY_TOO_COMPLEX' },
      });
      const onSocket = await askSocket(app.url, acme, { query: LARGE });
      expect(onSocket.errors[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
    }
  });

  it('below that is whole, also where it is written in pieces', async () => {
    const { invoices } = await app.data(
      gql('{ invoices(first: 1) { nodes { lines { id invoice { lines { position } } } } } }'),
      {},
      acme,
    );
    const invoice = present(invoices.nodes[0]);
    expect(invoice.lines).toHaveLength(150);
    const positions = Array.from({ length: 150 }, (_, n) => ({ position: n + 1 }));
    for (const line of invoice.lines.slice(0, 20)) expect(line.invoice.lines).toEqual(positions);
  });
});

describe('a long text', () => {
  it('is answered over HTTP, and on a socket only if it can be written in one piece', async () => {
    for (const [tenant, length] of [
      ['wide', 30_000],
      ['narrow', 10_000],
    ]) {
      await app.sql(
        `with one as (
           insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
           values ($1, '2026-01-01', 'draft', 'AUD', 0, 0, 0, now()) returning id)
         insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents, amount_cents, currency, meta)
         select one.id, n, 'addon', repeat('x', $2), 1, 'month', 0, 0, 'AUD', '{}' from one, generate_series(1, 100) n`,
        [tenant, length],
      );
    }
    const document = gql('{ invoices(first: 1) { nodes { lines { line { description } } } } }');
    const query = document.source;
    const onSocket = await askSocket(app.url, app.tenant('wide'), { query });
    expect(onSocket.data).toBeUndefined();
    expect(onSocket.errors[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
    expect(onSocket.errors[0]?.message).toMatch(/^An answer on a socket holds at most 2000000 characters/);
    const { invoices } = await app.data(document, {}, app.tenant('wide'));
    expect(invoices.nodes[0]?.lines).toHaveLength(100);
    const shorter = await askSocket(app.url, app.tenant('narrow'), { query });
    expect(shorter.errors).toEqual([]);
    expect(shorter.data.invoices.nodes[0].lines).toHaveLength(100);
  });
});

describe('an operation that takes too long', () => {
  it('is OPERATION_TIMEOUT with 503, over HTTP and on a socket, and leaves its connection to others', async () => {
    const unlock = await lock('deployments');
    const [overHttp, onSocket] = await Promise.all([
      app.raw('{ deployments { nodes { id } } }', {}, acme),
      askSocket(app.url, acme, { query: '{ deployments { nodes { slug } } }' }),
    ]);
    expect(overHttp.status).toBe(503);
    expect(overHttp.body.errors?.[0]).toMatchObject({
      message: 'The query was not done within 3 s.',
      extensions: { code: 'OPERATION_TIMEOUT' },
    });
    expect(onSocket.errors[0]?.extensions['code']).toBe('OPERATION_TIMEOUT');
    await unlock();
    expect((await app.raw('{ deployments { nodes { id } } }', {}, acme)).body).toEqual({
      data: { deployments: { nodes: [] } },
    });
    const { count } = await app.row<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity where datname = current_database() and state = 'active'
       and query like '%deployments%' and pid <> pg_backend_pid()`,
    );
    expect(count).toBe(0);
  });
});

describe('a tenant with too many operations at once', () => {
  it('is told to come back, while other tenants and readiness are answered', async () => {
    const patient = await startTestApp({ worker: false, databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl });
    const unlock = await lock('deployments');
    const asked = Array.from({ length: 170 }, () => patient.raw('{ deployments { nodes { id } } }', {}, acme));
    const rejected = await Promise.race(
      asked
        .map(async (each) => {
          const answer = await each;
          if (answer.status !== 429) throw new Error('not rejected');
          return answer;
        })
        .map((each) => each.catch(() => new Promise<never>(() => {}))),
    );
    expect(rejected.headers.get('retry-after')).toBe('1');
    expect(rejected.body.errors?.[0]?.extensions).toEqual({ code: 'TOO_MANY_OPERATIONS', retryAfterSeconds: 1 });
    expect((await patient.raw('{ viewer { subject } }', {}, app.tenant('zeta'))).status).toBe(200);
    expect((await fetch(`${patient.url}/api/health`)).status).toBe(200);
    expect((await fetch(`${patient.url}/api/ready`)).status).toBe(200);
    await unlock();
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    expect(statuses.filter((status) => status === 200)).toHaveLength(150);
    await patient.close();
  });

  it('waits with its mutations for its own, while another tenant’s are carried out', async () => {
    const patient = await startTestApp({ worker: false, databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl });
    const create = (slug: string, token: string) =>
      patient.data(
        gql(
          'mutation($slug: String!) { createDeployment(input: { slug: $slug, displayName: "App" }) { deployment { id } } }',
        ),
        { slug },
        token,
      );
    const { deployment } = (await create('stuck', acme)).createDeployment;
    const locker = new pg.Client({ connectionString: app.databaseUrl });
    await locker.connect();
    await locker.query('begin');
    await locker.query('select 1 from deployments where id = $1 for update', [deployment.id]);
    const stuck = Array.from({ length: 30 }, () =>
      patient.graphql(
        gql('mutation T($id: ID!) { transitionDeployment(id: $id, to: CANCELLED) { deployment { state } } }'),
        { id: deployment.id },
        acme,
      ),
    );
    const waiting = `select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock' and application_name = 'arcadia-cloud'`;
    const counted = async () => (await app.sql<{ count: number }>(waiting))[0]?.count;
    while ((await counted()) !== 4);
    for (let n = 0; n < 12; n++) await create(`free-${n}`, patient.tenant('zeta'));
    expect(await counted()).toBe(4);
    await locker.end();
    for (const { status } of await Promise.all(stuck)) expect(status).toBe(200);
    await patient.close();
  });
});
