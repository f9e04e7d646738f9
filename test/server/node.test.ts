import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { findNodeType, NODE_TYPE_NAMES } from '../../src/services/nodes/find-node-type.js';
import { type BillingApp, startBillingApp } from '../support/billing-app.js';
import { gql, present } from '../support/typed-document.js';

const NODE = gql('query($id: ID!) { node(id: $id) { __typename id } }');

/** One row of each type, of tenant acme if the type has tenants. */
const INSERTS: Readonly<Record<string, string>> = {
  CloudInvoice: `insert into cloud_invoices (provider, provider_id, period, currency, total_cents, issued_at, ingest_status, discovered_at, ingest_queued_at)
    values ('digitalocean', gen_random_uuid(), '2026-04-01', 'USD', 100, now(), 'discovered', now(), now()) returning id`,
  Invoice: `insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
    values ('acme', '2026-04-01', 'draft', 'AUD', 0, 0, 0, now()) returning id`,
  Project: `insert into cloud_projects (provider, provider_id, name, tenant_id, first_seen_at, last_seen_at)
    values ('digitalocean', 'p', 'Acme', 'acme', now(), now()) returning id`,
  SyncRun: `insert into sync_runs (scope, status, trigger, requested_by, queued_at)
    values ('droplets', 'queued', 'operator', 'test', now()) returning id`,
};
/** Who may see the row: every viewer, its tenant, or operators alone. */
const AUDIENCE: Readonly<Record<string, 'everybody' | 'tenant' | 'operators'>> = {
  Addon: 'everybody',
  CloudInvoice: 'operators',
  Deployment: 'tenant',
  Invoice: 'tenant',
  Plan: 'everybody',
  PlanSubscription: 'tenant',
  PlanVersion: 'everybody',
  Project: 'tenant',
  Resource: 'tenant',
  Saga: 'tenant',
  SyncRun: 'operators',
};

let app: BillingApp;
const ids: Record<string, string> = {};
const idOf = async (sql: string) => (await app.sql<{ id: string }>(sql))[0]?.id as string;
const typeSeen = async (id: string, token?: string) => (await app.data(NODE, { id }, token)).node;

beforeAll(async () => {
  app = await startBillingApp('2026-05-20');
  const deployment = await app.createDeployment('site', 'acme');
  ids['Deployment'] = deployment;
  ids['PlanSubscription'] = await app.subscribe(deployment, 'studio', { startsOn: '2026-05-20' });
  ids['Resource'] = await app.addResource(deployment, { kind: 'droplet', name: 'web' });
  ids['Addon'] = await idOf('select id from addons limit 1');
  ids['Plan'] = await idOf(`select id from plans where code = 'studio'`);
  ids['PlanVersion'] = await idOf(`select id from plan_versions where status = 'active' limit 1`);
  for (const [type, sql] of Object.entries(INSERTS)) ids[type] = await idOf(sql);
  const { snapshotDroplet } = await app.data(
    gql('mutation($id: ID!) { snapshotDroplet(resourceId: $id) { saga { id } } }'),
    { id: present(ids['Resource']) },
  );
  ids['Saga'] = snapshotDroplet.saga.id;
});
afterAll(() => app.close());

describe('node', () => {
  it('has a row of every type here', () => {
    expect(Object.keys(AUDIENCE).sort()).toEqual([...NODE_TYPE_NAMES].sort());
    expect(Object.keys(ids).sort()).toEqual([...NODE_TYPE_NAMES].sort());
  });

  it.each(Object.entries(AUDIENCE))('finds a %s for %s and for nobody else', async (type, audience) => {
    const id = present(ids[type]);
    const found = { __typename: type, id };
    expect(await typeSeen(id)).toEqual(found);
    expect(await typeSeen(id, app.tenant('acme'))).toEqual(audience === 'operators' ? null : found);
    expect(await typeSeen(id, app.tenant('other'))).toEqual(audience === 'everybody' ? found : null);
  });

  it('answers what the field of the type answers', async () => {
    const id = present(ids['Resource']);
    const query = gql(
      'query($id: ID!) { node(id: $id) { ... on Resource { name tags deployment { slug } tenant { id } } } resource(id: $id) { name tags deployment { slug } tenant { id } } }',
    );
    // The third time by the compiled query.
    for (const _ of [1, 2, 3, 4]) {
      const { node, resource } = await app.data(query, { id }, app.tenant('acme'));
      expect(resource).toMatchObject({
        name: 'web',
        deployment: { slug: 'site' },
        tenant: { id: 'acme' },
      });
      expect(node).toEqual(resource);
    }
  });

  it('hides a plan and its version from tenants before its first version is published', async () => {
    const plan = await app.data(
      gql('mutation { createPlan(input: { code: "hidden", name: "Hidden" }) { plan { id } } }'),
    );
    const version = await app.data(
      gql(
        'mutation { createPlanVersion(input: { planCode: "hidden", basePriceCents: 1, items: [] }) { planVersion { id } } }',
      ),
    );
    for (const id of [plan.createPlan.plan.id, version.createPlanVersion.planVersion.id]) {
      expect(await typeSeen(id, app.tenant('acme'))).toBeNull();
      expect(await typeSeen(id)).toMatchObject({ id });
    }
  });

  it('is null for an id that nothing has, or that is none', async () => {
    for (const id of ['3e5e5d0c-0000-4000-8000-000000000000', '1', 'x', "' or true --"]) {
      expect(await typeSeen(id)).toBeNull();
    }
  });

  it('has ids that no two types share: they are random, whoever makes them', async () => {
    expect(await findNodeType(app.app, present(ids['Saga']))).toBe('Saga');
    const { total, distinct } = (
      await app.sql<{ total: string; distinct: string }>(
        `select count(*) as total, count(distinct id) as distinct from (select id from addons union all select id from plans
         union all select id from plan_versions union all select id from cloud_resources union all select id from deployments
         union all select id from subscriptions union all select id from saga_runs) ids`,
      )
    )[0] as { total: string; distinct: string };
    expect(distinct).toBe(total);
  });
});

describe('a tenant', () => {
  const TENANT = gql(
    'query($id: ID!) { deployment(id: $id) { tenantId tenant { id deployments { totalCount nodes { slug } } resources { totalCount nodes { name } } invoices { totalCount nodes { period } } } } }',
  );
  const whole = {
    tenantId: 'acme',
    tenant: {
      id: 'acme',
      deployments: { totalCount: 1, nodes: [{ slug: 'site' }] },
      resources: { totalCount: 1, nodes: [{ name: 'web' }] },
      invoices: { totalCount: 1, nodes: [{ period: '2026-04-01' }] },
    },
  };

  it('has its deployments, resources and invoices, for itself and for operators', async () => {
    await app.createDeployment('foreign', 'other');
    const id = present(ids['Deployment']);
    expect((await app.data(TENANT, { id })).deployment).toEqual(whole);
    expect((await app.data(TENANT, { id }, app.tenant('acme'))).deployment).toEqual(whole);
    expect((await app.data(TENANT, { id }, app.tenant('other'))).deployment).toBeNull();
  });

  it('stands beside tenantId, and is null with it', async () => {
    await app.sql(
      `insert into cloud_projects (provider, provider_id, name, first_seen_at, last_seen_at)
       values ('digitalocean', 'q', 'Nobody', now(), now())`,
    );
    const { projects, viewer } = await app.data(
      gql('{ viewer { tenantId tenant { id } } projects { nodes { name tenantId tenant { id } } } }'),
    );
    expect(projects.nodes).toEqual([
      { name: 'Acme', tenantId: 'acme', tenant: { id: 'acme' } },
      { name: 'Nobody', tenantId: null, tenant: null },
    ]);
    expect(viewer.tenant.id).toBe(viewer.tenantId);
  });

  it('is read with a resource and its project, whichever way they are selected', async () => {
    await app.sql('update cloud_resources set cloud_project_id = $1', [ids['Project']]);
    const { resources } = await app.data(
      gql('{ resources { nodes { tenant { id } project { tenant { id } } } edges { node { tenant { id } } } } }'),
    );
    expect(resources).toEqual({
      nodes: [{ tenant: { id: 'acme' }, project: { tenant: { id: 'acme' } } }],
      edges: [{ node: { tenant: { id: 'acme' } } }],
    });
  });
});
