import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { gql, present } from '../support/typed-document.js';
import { type SagaApp, sagaIdOf, startSagaApp } from './saga-app.js';

let app: SagaApp;
let acme: string;
beforeAll(async () => {
  app = await startSagaApp();
  acme = app.tenant('acme');
  await seedCatalog(app.app);
});
afterAll(() => app.close());
afterEach(() => app.sandbox('DELETE', 'faults'));

const CREATE = gql(`mutation Create($input: CreateDeploymentInput!) {
  createDeployment(input: $input) { deployment { id state region provisioningSaga { id } } saga { id kind tenantId } }
}`);
const DEPLOYMENT = gql(`query Deployment($id: ID!) {
  deployment(id: $id) {
    state
    events { nodes { toState actor } }
    resources { nodes { name kind tenantId } }
    provisioningSaga { id status }
    subscription { status }
  }
}`);
const TRANSITION = gql(
  `mutation Move($id: ID!, $to: DeploymentState!) { transitionDeployment(id: $id, to: $to) { deployment { state } } }`,
);
const DECOMMISSION = gql(`mutation Decommission($id: ID!) { decommissionDeployment(id: $id) { saga { id } } }`);
const PLACE = { sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1' };
const ZONE = 'sky-ai.com';

async function create(slug: string, provision: object = {}, token = app.operator, more: object = {}) {
  const input = { ...more, ...(token === app.operator ? { tenantId: 'acme' } : {}), slug, displayName: slug };
  return (await app.data(CREATE, { input: { ...input, provision: { ...PLACE, ...provision } } }, token))
    .createDeployment;
}

async function findDeployment(id: string) {
  return (await app.data(DEPLOYMENT, { id })).deployment;
}

async function dropletsNamed(name: string) {
  const droplets = Object.values(await app.sandbox('GET', 'state/droplets'));
  return droplets.filter((droplet) => droplet.name === name);
}

async function records(name: string) {
  return (await app.sandbox('GET', `state/domains/${ZONE}`)).records.filter((record) => record.name === name);
}

describe('createDeployment with provision', () => {
  it('is PROVISIONING until its saga has made the droplet and pointed its name at it, then ACTIVE', async () => {
    const { deployment, saga } = await create('shop', { dns: { domain: ZONE, name: 'shop' } });
    expect(deployment).toMatchObject({
      state: 'PROVISIONING',
      region: 'syd1',
      provisioningSaga: { id: present(saga).id },
    });
    expect(saga).toMatchObject({ kind: 'PROVISION_DEPLOYMENT', tenantId: 'acme' });
    const ended = await app.ended(present(saga).id);
    expect(ended).toMatchObject({ status: 'COMPLETED', deployment: { id: deployment.id, state: 'ACTIVE' } });
    expect(await findDeployment(deployment.id)).toMatchObject({
      state: 'ACTIVE',
      events: {
        nodes: [
          { toState: 'ACTIVE', actor: `saga:${present(saga).id}` },
          { toState: 'PROVISIONING', actor: 'somebody@platform-admin' },
        ],
      },
      resources: { nodes: [{ name: 'shop', kind: 'DROPLET', tenantId: 'acme' }] },
    });
    expect(await records('shop')).toMatchObject([{ type: 'A', data: ended.context.ipv4, ttl: 300 }]);
  });

  it('leaves no droplet, DNS as before and the deployment CANCELLED where it fails', async () => {
    const { records: before } = await app.sandbox('GET', `state/domains/${ZONE}`);
    await app.sandbox('POST', 'faults', { method: 'POST', path: `/v2/domains/${ZONE}/records`, status: 422 });
    const { deployment, saga } = await create('unlucky', { dns: { domain: ZONE, name: 'unlucky' } });
    expect(await app.ended(present(saga).id)).toMatchObject({
      status: 'ROLLED_BACK',
      error: expect.stringContaining('PointDeploymentDns failed'),
    });
    expect(await dropletsNamed('unlucky')).toEqual([]);
    expect((await app.sandbox('GET', `state/domains/${ZONE}`)).records).toEqual(before);
    expect(await findDeployment(deployment.id)).toMatchObject({ state: 'CANCELLED', resources: { nodes: [] } });
    const gone = await app.sql(`select from cloud_resources where name = 'unlucky'`);
    expect(gone).toEqual([]);
  });

  it('restores a record that it had changed where a later step fails', async () => {
    const upsert = gql(`mutation U($input: DnsRecordInput!) { upsertDnsRecord(input: $input) { saga { id } } }`);
    const input = { domain: ZONE, type: 'A', name: 'moved', data: '203.0.113.9', ttl: 900 };
    await app.watch(await sagaIdOf(app.data(upsert, { input })));
    const before = await records('moved');
    // The name is pointed at the droplet; by then the deployment has been given up.
    await app.sandbox('POST', 'faults', { method: 'PUT', path: `/v2/domains/${ZONE}/*`, delayMs: 300 });
    const { deployment, saga } = await create('moved', { dns: { domain: ZONE, name: 'moved' } });
    const progress = app.progress(present(saga).id);
    await progress.until(({ type, stepName }) => type === 'STEP_STARTED' && stepName === 'PointDeploymentDns');
    await app.data(TRANSITION, { id: deployment.id, to: 'CANCELLED' }, acme);
    const rest = await progress.until(({ type }) => type === 'ROLLED_BACK');
    await progress.close();
    expect(rest.map(({ type }) => type)).toContain('CANCEL_REQUESTED');
    expect(await records('moved')).toEqual(before);
    expect(await dropletsNamed('moved')).toEqual([]);
  });

  it('is for tenants too, on their own and on names of their own zones', async () => {
    const { deployment, saga } = await create('own', {}, acme, { planCode: 'starter' });
    const seen = present((await app.data(DEPLOYMENT, { id: deployment.id }, acme)).deployment);
    expect(present(seen.provisioningSaga).id).toBe(present(saga).id);
    await app.watch(present(saga).id);
    const before = await app.row('select count(*) from deployments');
    const input = { slug: 'grab', displayName: 'grab', provision: { ...PLACE, dns: { domain: ZONE, name: 'www' } } };
    const { body } = await app.graphql(CREATE, { input }, acme);
    expect(body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'input.provision.dns.domain' }],
    });
    expect(await app.sql('select count(*) from deployments')).toEqual([before]);
  });

  it.each([
    ['a size that is no slug', { sizeSlug: '' }, 'input.provision.sizeSlug'],
    ['a ttl below the least', { dns: { domain: ZONE, name: 'x', ttl: 1 } }, 'input.provision.dns.ttl'],
    ['a name that is none', { dns: { domain: ZONE, name: 'a b' } }, 'input.provision.dns.name'],
  ])('refuses %s and makes nothing', async (_, wrong, path) => {
    const before = await app.row(
      'select (select count(*) from deployments), (select count(*) from saga_runs) as sagas',
    );
    const input = { tenantId: 'acme', slug: 'wrong', displayName: 'wrong', provision: { ...PLACE, ...wrong } };
    const { body } = await app.graphql(CREATE, { input });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    expect(
      await app.sql('select (select count(*) from deployments), (select count(*) from saga_runs) as sagas'),
    ).toEqual([before]);
  });
});

describe('decommissionDeployment', () => {
  it('keeps a snapshot, deletes the name, destroys the droplet, ends the subscription, archives the deployment', async () => {
    const { deployment, saga } = await create('old', { dns: { domain: ZONE, name: 'old' } });
    const { context } = await app.ended(present(saga).id);
    await app.data(
      gql(`mutation S($id: ID!) { subscribeDeployment(id: $id, planCode: "studio") { subscription { id } } }`),
      { id: deployment.id },
    );
    const id = await sagaIdOf(app.data(DECOMMISSION, { id: deployment.id }));
    const ended = await app.ended(id);
    expect(ended).toMatchObject({ status: 'COMPLETED' });
    expect(ended.steps.map(({ name }) => name)).toEqual([
      'CreateDropletSnapshot',
      'DeleteDnsRecord',
      'DestroyDroplet',
      'CancelDeploymentSubscription',
      'CancelDeployment',
      'ArchiveDeployment',
    ]);
    const snapshots = Object.values(await app.sandbox('GET', 'state/snapshots'));
    expect(snapshots.map(({ name }) => name)).toContain(`arcadia-snap-${context.dropletId}-${id.slice(0, 8)}`);
    expect(await records('old')).toEqual([]);
    expect(await dropletsNamed('old')).toEqual([]);
    expect(await findDeployment(deployment.id)).toMatchObject({ state: 'ARCHIVED', subscription: null });
    const again = await app.graphql(DECOMMISSION, { id: deployment.id });
    expect(again.body.errors?.[0]?.extensions.code).toBe('CONFLICT');
  });

  it('leaves a name alone that points elsewhere by now', async () => {
    const { deployment, saga } = await create('shared', { dns: { domain: ZONE, name: 'shared' } });
    await app.watch(present(saga).id);
    const { domain, records: all } = await app.sandbox('GET', `state/domains/${ZONE}`);
    const moved = all.map((record) => (record.name === 'shared' ? { ...record, data: '198.51.100.1' } : record));
    await app.sandbox('PUT', `state/domains/${ZONE}`, { domain, records: moved });
    await app.watch(await sagaIdOf(app.data(DECOMMISSION, { id: deployment.id })));
    expect(await records('shared')).toMatchObject([{ data: '198.51.100.1' }]);
  });

  it('is refused while the deployment is still being provisioned', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/droplets', delayMs: 300 });
    const { deployment, saga } = await create('early');
    const { body } = await app.graphql(DECOMMISSION, { id: deployment.id });
    expect(body.errors?.[0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining(present(saga).id),
    });
    expect(await app.ended(present(saga).id)).toMatchObject({ status: 'COMPLETED' });
  });
});
