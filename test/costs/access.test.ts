import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCHEDULE } from '../../src/jobs/schedule.js';
import { requestBillingRun } from '../../src/services/costs/request-billing-run.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';
import { type CostsApp, onlyApril, startCostsApp } from './costs-app.js';

let app: CostsApp;
let invoiceId: string;
let dropletId: string;
beforeAll(async () => {
  app = await startCostsApp();
  await onlyApril(app);
  await app.ingestAll();
  invoiceId = present((await app.data(gql('{ cloudInvoices { nodes { id } } }'))).cloudInvoices.nodes[0]).id;
  const { projects } = await app.data(gql('{ projects { nodes { id name } } }'));
  const parish = present(projects.nodes.find((project) => project.name === 'holy-spirit-parish'));
  await app.data(gql('mutation($id: ID!) { classifyProject(id: $id, tenantId: "parish") { project { id } } }'), {
    id: parish.id,
  });
  dropletId = present(
    (await app.data(gql('{ resources(filter: { kinds: [DROPLET], tenantId: "parish" }) { nodes { id } } }'))).resources
      .nodes[0],
  ).id;
});
afterAll(() => app.close());

describe('what the cloud costs', () => {
  const forTenants: [string, AnyDocument][] = [
    ['balance', gql('{ balance { id } }')],
    ['cloudInvoices', gql('{ cloudInvoices { totalCount nodes { id } } }')],
    ['cloudInvoice', gql('query($invoiceId: ID!) { cloudInvoice(id: $invoiceId) { id } }')],
    ['costLines', gql('{ costLines { totalCount nodes { id } } }')],
    ['refreshBalance', gql('mutation { refreshBalance { balance { id } } }')],
    ['discoverCloudInvoices', gql('mutation { discoverCloudInvoices { discovered } }')],
    ['ingestCloudInvoice', gql('mutation($invoiceId: ID!) { ingestCloudInvoice(id: $invoiceId) { invoice { id } } }')],
    [
      'costLines',
      gql('query($dropletId: ID!) { resource(id: $dropletId) { id costLines { totalCount nodes { id } } } }'),
    ],
    ['costLines', gql('{ resources { nodes { costLines { nodes { amount { cents } } } } } }')],
  ];
  it.each(forTenants)('is FORBIDDEN to tenants and to the gateway: %s by %s', async (_field, query) => {
    const state =
      'select (select count(*) from cloud_balance_snapshots), (select max(ingest_attempt) from cloud_invoices)';
    const before = await app.sql(state);
    for (const token of [app.tenant('parish'), app.tenant('parish', ['llm-gateway'])]) {
      const { body } = await app.raw(query, { invoiceId, dropletId }, token);
      expect(body.errors?.map((error) => error.extensions['code'])).toContain('FORBIDDEN');
      expect(JSON.stringify(body.data ?? null)).not.toMatch(/cents|totalCount/);
    }
    expect(await app.sql(state)).toEqual(before);
  });

  it('does not keep a tenant from what is its own', async () => {
    const { body } = await app.graphql(
      gql('query($dropletId: ID!) { resource(id: $dropletId) { id } }'),
      { dropletId },
      app.tenant('parish'),
    );
    expect(body).toEqual({ data: { resource: { id: dropletId } } });
  });

  it('hides from tenants what only invoices know', async () => {
    const everything = gql('{ resources(filter: { includeDeleted: true }) { nodes { tenantId providerId } } }');
    const { resources } = await app.data(everything, {}, app.tenant('parish'));
    expect(resources.nodes.length).toBeGreaterThan(0);
    expect(resources.nodes.filter((node) => node.providerId.startsWith('invoice:'))).toEqual([]);
    const seen = (await app.data(everything)).resources.nodes.filter((node) => node.providerId.startsWith('invoice:'));
    expect(seen).toHaveLength(10);
    await app.sync(['projects', 'droplets']);
    const owners = await app.sql(
      'select distinct tenant_id, cloud_project_id from cloud_resources where is_from_invoice',
    );
    expect(owners).toEqual([{ tenant_id: null, cloud_project_id: null }]);
  });

  it('leaves a row of every change that an operator asks for', async () => {
    await app.sql('delete from audit_entries');
    await app.data(gql('mutation { refreshBalance { balance { id } } }'));
    await app.data(gql('mutation { discoverCloudInvoices { discovered } }'));
    await app.ingestAnew(invoiceId);
    await app.graphql(gql('mutation { ingestCloudInvoice(id: "nothing") { invoice { id } } }'));
    expect(await app.sql('select subject, mutation, inputs, outcome from audit_entries order by id')).toEqual([
      { subject: 'somebody@platform-admin', mutation: 'refreshBalance', inputs: {}, outcome: 'OK' },
      { subject: 'somebody@platform-admin', mutation: 'discoverCloudInvoices', inputs: {}, outcome: 'OK' },
      { subject: 'somebody@platform-admin', mutation: 'ingestCloudInvoice', inputs: { id: invoiceId }, outcome: 'OK' },
      {
        subject: 'somebody@platform-admin',
        mutation: 'ingestCloudInvoice',
        inputs: { id: 'nothing' },
        outcome: 'NOT_FOUND',
      },
    ]);
  });

  it('says which invoice there is not, and which input is wrong', async () => {
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect(
      (await app.data(gql('query($id: ID!) { cloudInvoice(id: $id) { id } }'), { id: nobody })).cloudInvoice,
    ).toBeNull();
    expect((await app.data(gql('{ cloudInvoice(id: "7") { id } }'))).cloudInvoice).toBeNull();
    const { body } = await app.graphql(gql('mutation($id: ID!) { ingestCloudInvoice(id: $id) { invoice { id } } }'), {
      id: nobody,
    });
    expect(body.errors?.[0]).toMatchObject({
      message: `There is no cloud invoice ${nobody}.`,
      extensions: { code: 'NOT_FOUND' },
    });
    const wrong: [AnyDocument, string][] = [
      [gql('{ costLines(first: 0) { totalCount nodes { id } } }'), 'first'],
      [gql('{ cloudInvoices(after: "nowhere") { nodes { id } } }'), 'after'],
      [gql('{ costLines(after: "nowhere") { nodes { id } } }'), 'after'],
    ];
    for (const [query, path] of wrong) {
      const { body: rejected } = await app.raw(query);
      expect(rejected.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    }
    const { costLines } = await app.data(gql('{ costLines(filter: { invoiceId: "7" }) { totalCount nodes { id } } }'));
    expect(costLines).toEqual({ totalCount: 0, nodes: [] });
  });
});

describe('an inventory that is not known yet', () => {
  it('is waited for: nothing is taken for gone before everything billed was listed', async () => {
    const early = await startCostsApp({ synced: false });
    await onlyApril(early);
    await requestBillingRun(early.app);
    await early.until(async () => {
      const shown = await early.data(gql('{ balance { id } cloudInvoices { totalCount } }'));
      return shown.balance !== null && shown.cloudInvoices.totalCount === 1;
    });
    for (const scope of ['projects', 'droplets', 'volumes', 'floating_ips', 'load_balancers'] as const)
      await early.sync([scope]);
    await early.sweep();
    const { nodes } = (
      await early.data(gql('{ cloudInvoices { nodes { id ingestStatus lineCount matchRate tax { cents } } } }'))
    ).cloudInvoices;
    expect(nodes).toEqual([
      { id: expect.any(String), ingestStatus: 'DISCOVERED', lineCount: 0, matchRate: null, tax: null },
    ]);
    await early.sync(['snapshots']);
    expect(await early.ingested(present(nodes[0]).id)).toMatchObject({
      ingestStatus: 'INGESTED',
      lineCount: 33,
      matchRate: 28 / 33,
    });
    const matched = await early.data(gql('{ costLines(filter: { matchStatus: MATCHED }) { totalCount } }'));
    expect(matched.costLines.totalCount).toBe(17);
    await early.close();
  });
});

describe('the schedule', () => {
  it('takes a balance at :07 of each hour and reads the billing history at 02:23', () => {
    const billing = SCHEDULE.filter(({ queue }) => queue === 'cloud_billing');
    expect(billing.map(({ job, cron }) => [cron, job])).toEqual([
      ['7 * * * *', 'snapshot-balance'],
      ['23 2 * * *', 'discover-cloud-invoices'],
    ]);
  });
});
