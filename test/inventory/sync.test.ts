import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { startTestApp, type TestApp } from '../support/app.js';
import type { ResourceKind, SyncScope } from '../support/graphql.generated.js';
import { gql, present } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const RESOURCES = gql(`query($first: Int = 200, $filter: ResourceFilter) {
  resources(first: $first, filter: $filter) {
    totalCount
    nodes { id kind providerKind providerId name status region tags attrs staleStrikeCount deletedAt lastSeenAt project { name } tenantId
      events { nodes { type changes actor } } }
  }
}`);
const LIST = gql(
  'query($filter: ResourceFilter) { resources(first: 200, filter: $filter) { totalCount nodes { id kind name staleStrikeCount deletedAt } } }',
);
const LATEST_RUN = gql(
  'query($scope: SyncScope) { syncRuns(first: 1, scope: $scope) { nodes { status seen discovered updated restored deleted error } } }',
);
const latestRun = async (scope: SyncScope) => (await app.data(LATEST_RUN, { scope })).syncRuns.nodes[0];
const one = async (name: string, kind: ResourceKind = 'DROPLET') => {
  const filter = { kinds: [kind], nameContains: name, includeDeleted: true };
  const { resources } = await app.data(RESOURCES, { first: 20, filter });
  return present(resources.nodes.find((node) => node.name === name));
};
const count = async (kind: ResourceKind) => (await app.data(LIST, { filter: { kinds: [kind] } })).resources.totalCount;

describe('the golden account', () => {
  it('is complete after one run of every scope', async () => {
    await app.sync(SYNC_SCOPES);
    const kinds: ResourceKind[] = [
      'DROPLET',
      'DNS_ZONE',
      'SNAPSHOT',
      'FIREWALL',
      'DROPLET_BACKUP',
      'SPACES_BUCKET',
      'VOLUME',
      'FLOATING_IP',
      'LOAD_BALANCER',
      'VPC',
      'OTHER',
    ];
    expect(Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await count(kind)])))).toEqual({
      DROPLET: 5,
      DNS_ZONE: 7,
      SNAPSHOT: 12,
      FIREWALL: 1,
      DROPLET_BACKUP: 4,
      SPACES_BUCKET: 6,
      VOLUME: 0,
      FLOATING_IP: 0,
      LOAD_BALANCER: 0,
      VPC: 1,
      OTHER: 0,
    });
  });

  it('shows a droplet with what only droplets have', async () => {
    const droplet = await one('git.sky-ai.com');
    expect(droplet).toMatchObject({
      providerKind: 'droplet',
      providerId: '198765202',
      status: 'active',
      region: 'syd1',
      tags: ['internal'],
      staleStrikeCount: 0,
      deletedAt: null,
      project: { name: 'sky-ai' },
      attrs: {
        size_slug: 's-1vcpu-2gb',
        vcpus: 1,
        memory: 2048,
        disk: 50,
        image: 'debian-12-x64',
        public_ipv4: '170.64.130.21',
      },
    });
    expect(droplet.events.nodes).toEqual([{ type: 'DISCOVERED', changes: {}, actor: expect.stringMatching(/^sync:/) }]);
  });

  it('shows a VPC with its range, as what no project lists', async () => {
    expect(await one('default-syd1', 'VPC')).toMatchObject({
      providerKind: 'vpc',
      providerId: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
      status: null,
      region: 'syd1',
      tags: [],
      attrs: { ip_range: '10.126.0.0/20', is_default: true, description: '' },
      project: { name: 'skyai-internal' },
    });
  });

  it('knows a bucket from its project alone, with the region of its link', async () => {
    expect(await one('parish-media', 'SPACES_BUCKET')).toMatchObject({
      providerKind: 'space',
      region: 'syd1',
      project: { name: 'holy-spirit-parish' },
    });
  });

  it('has the internal project made, and gives it what no project lists', async () => {
    expect(await one('web-and-ssh', 'FIREWALL')).toMatchObject({ project: { name: 'skyai-internal' } });
    const { projects } = await app.data(gql('{ projects { totalCount nodes { name isDefault purpose } } }'));
    expect(projects.totalCount).toBe(5);
    expect(projects.nodes).toContainEqual({
      name: 'skyai-internal',
      isDefault: false,
      purpose: 'Operational / Developer tooling',
    });
    const { requests } = await app.sandbox('GET', 'requests');
    expect(requests.filter((request) => request.method === 'POST')).toHaveLength(1);
  });

  it('changes nothing the second time but when it was last seen', async () => {
    const everything =
      'select id, name, status, region, tags, attrs, deleted_at, stale_strike_count, cloud_project_id, tenant_id from cloud_resources order by id';
    const before = await app.sql(everything);
    const events = await app.sql('select count(*) from cloud_resource_events');
    await app.sync(SYNC_SCOPES);
    expect(await app.sql(everything)).toEqual(before);
    expect(await app.sql('select count(*) from cloud_resource_events')).toEqual(events);
    for (const scope of SYNC_SCOPES) {
      expect(await latestRun(scope.toUpperCase() as SyncScope)).toMatchObject({
        status: 'COMPLETED',
        discovered: 0,
        updated: 0,
        restored: 0,
        deleted: 0,
        error: null,
      });
    }
  });
});

describe('three strikes', () => {
  const ID = '302114404';
  let kept: unknown;
  beforeAll(async () => {
    kept = await app.sandbox('GET', `state/droplets/${ID}`);
  });

  it('a droplet that vanishes is tombstoned on the third full run, and restored when it comes back', async () => {
    await app.sandbox('DELETE', `state/droplets/${ID}`);
    for (const strikes of [1, 2]) {
      await app.sync(['droplets']);
      expect(await one('parish-bulletin')).toMatchObject({ staleStrikeCount: strikes, deletedAt: null });
    }
    await app.sync(['droplet_status']);
    expect(await one('parish-bulletin')).toMatchObject({ staleStrikeCount: 2 });
    await app.sync(['droplets']);
    const gone = await one('parish-bulletin');
    expect(gone.deletedAt).not.toBeNull();
    expect(await latestRun('DROPLETS')).toMatchObject({ deleted: 1, seen: 4 });
    expect(await count('DROPLET')).toBe(4);

    await app.sandbox('PUT', `state/droplets/${ID}`, kept);
    await app.sync(['droplets']);
    const back = await one('parish-bulletin');
    expect(back).toMatchObject({ id: gone.id, staleStrikeCount: 0, deletedAt: null });
    expect(back.events.nodes.map((event) => event.type)).toEqual(['RESTORED', 'DELETED', 'DISCOVERED']);
    expect(await latestRun('DROPLETS')).toMatchObject({ restored: 1 });
  });

  it('being seen again clears the strikes', async () => {
    await app.sandbox('DELETE', `state/droplets/${ID}`);
    await app.sync(['droplets', 'droplets']);
    await app.sandbox('PUT', `state/droplets/${ID}`, kept);
    await app.sync(['droplets']);
    expect(await one('parish-bulletin')).toMatchObject({ staleStrikeCount: 0, deletedAt: null });
  });

  it('a listing that answers less than meta.total says strikes nobody', async () => {
    await app.sandbox('POST', 'faults', {
      method: 'GET',
      path: '/v2/firewalls',
      body: '{"firewalls":[],"links":{},"meta":{"total":1}}',
    });
    await app.sync(['firewalls']);
    expect(await one('web-and-ssh', 'FIREWALL')).toMatchObject({ staleStrikeCount: 0 });
    await app.sandbox('DELETE', 'faults');
  });

  it('a listing whose second page answers 500 fails the run and strikes nobody', async () => {
    const snapshot = await app.sandbox('GET', 'state/snapshots/143000001');
    for (let n = 0; n < 250; n++) {
      await app.sandbox('PUT', `state/snapshots/9${n}`, { ...snapshot, id: `9${n}`, name: `extra-${n}` });
    }
    await app.sync(['snapshots']);
    expect(await count('SNAPSHOT')).toBe(262);
    for (let n = 0; n < 250; n++) await app.sandbox('DELETE', `state/snapshots/9${n}`);
    for (let n = 0; n < 200; n++)
      await app.sandbox('PUT', `state/snapshots/8${n}`, { ...snapshot, id: `8${n}`, name: `other-${n}` });
    await app.sandbox('POST', 'faults', {
      method: 'GET',
      path: '/v2/snapshots',
      query: { page: '2' },
      times: 100,
      status: 500,
    });
    await app.sync(['snapshots']);
    await app.sandbox('DELETE', 'faults');
    const run = present(await latestRun('SNAPSHOTS'));
    expect(run).toMatchObject({ status: 'FAILED', deleted: 0 });
    expect(run.error).toContain('/v2/snapshots');
    expect(await app.sql(`select count(*)::int as struck from cloud_resources where stale_strike_count > 0`)).toEqual([
      { struck: 0 },
    ]);
  });

  it('a scheduled run that loses more than half of ten or more is not believed; the same run by an operator is', async () => {
    await app.sync(['snapshots'], 'schedule');
    const { message } = await app.row<{ message: unknown }>(
      `select message from sync_events where type = 'run_completed' order by id desc limit 1`,
    );
    expect(message).toContain('250 of 462 known resources were not listed');
    expect(await app.sql(`select count(*)::int as struck from cloud_resources where stale_strike_count > 0`)).toEqual([
      { struck: 0 },
    ]);
    await app.sync(['snapshots'], 'operator');
    expect(await app.sql(`select count(*)::int as struck from cloud_resources where stale_strike_count = 1`)).toEqual([
      { struck: 250 },
    ]);
  });
});

describe('what changes', () => {
  beforeEach(async () => {
    await app.sandbox('POST', 'reset');
    await app.sync(['projects', 'droplets']);
  });

  it('is told field by field', async () => {
    await app.sandbox('PATCH', 'state/droplets/411556505', {
      name: 'studio-live',
      status: 'off',
      tags: ['web', 'studio', 'new'],
      size_slug: 's-2vcpu-4gb',
      vcpus: 2,
      memory: 4096,
    });
    await app.sync(['droplets']);
    const droplet = await one('studio-live');
    expect(droplet.events.nodes[0]).toEqual({
      type: 'UPDATED',
      actor: expect.stringMatching(/^sync:/),
      changes: {
        name: { from: 'studio-demo', to: 'studio-live' },
        status: { from: 'active', to: 'off' },
        tags: { from: ['studio', 'web'], to: ['new', 'studio', 'web'] },
        'attrs.size_slug': { from: 's-1vcpu-1gb', to: 's-2vcpu-4gb' },
        'attrs.vcpus': { from: 1, to: 2 },
        'attrs.memory': { from: 1024, to: 4096 },
      },
    });
  });

  it('lists in another order are no change', async () => {
    await app.sandbox('PATCH', 'state/droplets/411556505', {
      tags: ['web', 'studio'],
      features: ['private_networking', 'droplet_agent'],
    });
    await app.sync(['droplets']);
    expect(await latestRun('DROPLETS')).toMatchObject({ updated: 0 });
  });

  it('status runs see status, addresses and size, and leave the rest alone', async () => {
    await app.sandbox('PATCH', 'state/droplets/411556505', { name: 'renamed', status: 'off', tags: [] });
    await app.sync(['droplet_status']);
    expect(await one('studio-demo')).toMatchObject({ status: 'off', tags: ['studio', 'web'] });
    expect(await latestRun('DROPLET_STATUS')).toMatchObject({ updated: 1, discovered: 0 });
  });

  it('a VPC that is renamed is updated, and three runs without it are its end', async () => {
    const url = `${app.sandboxUrl}/v2/vpcs`;
    const headers = { authorization: 'Bearer test-provisioning', 'content-type': 'application/json' };
    const made = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ name: 'shop', region: 'syd1' }) });
    const { vpc } = (await made.json()) as any;
    await app.sync(['vpcs']);
    await app.sandbox('PATCH', `state/vpcs/${vpc.id}`, { name: 'shop-2' });
    await app.sync(['vpcs']);
    await app.sandbox('DELETE', `state/vpcs/${vpc.id}`);
    await app.sync(['vpcs', 'vpcs', 'vpcs']);
    const { events, deletedAt } = await one('shop-2', 'VPC');
    expect(deletedAt).not.toBeNull();
    expect(events.nodes.map((event: any) => [event.type, event.changes])).toEqual([
      ['DELETED', {}],
      ['UPDATED', { name: { from: 'shop', to: 'shop-2' } }],
      ['DISCOVERED', {}],
    ]);
  });

  it('a GPU droplet is found though the plain list leaves it out', async () => {
    const droplet = await app.sandbox('GET', 'state/droplets/411556505');
    await app.sandbox('PUT', 'state/droplets/77', { ...droplet, id: 77, name: 'gpu-1', size_slug: 'gpu-h100x1-80gb' });
    await app.sync(['droplets']);
    expect(await one('gpu-1')).toMatchObject({ status: 'active', attrs: { size_slug: 'gpu-h100x1-80gb' } });
  });

  it('an unknown URN type becomes OTHER and fails nothing', async () => {
    const id = '8a4d0b21-1e46-4b69-8f1c-4d2e6f80ab12';
    const { members } = await app.sandbox('GET', `state/projects/${id}`);
    const member = {
      urn: 'do:quantumcomputer:q-1',
      assigned_at: '2026-01-01T00:00:00Z',
      links: { self: 'https://api.digitalocean.com/v2/q/q-1' },
      status: 'ok',
    };
    await app.sandbox('PATCH', `state/projects/${id}`, { members: [...members, member] });
    await app.sync(['projects']);
    expect(await latestRun('PROJECTS')).toMatchObject({ status: 'COMPLETED' });
    expect(await one('q-1', 'OTHER')).toMatchObject({
      kind: 'OTHER',
      providerKind: 'quantumcomputer',
      providerId: 'q-1',
      project: { name: 'studio' },
    });
  });

  it('a project’s tenant is its resources’, and they follow when it changes', async () => {
    const { projects } = await app.data(gql('{ projects { nodes { id name } } }'));
    const studio = present(projects.nodes.find((project) => project.name === 'studio'));
    const classify = gql(
      'mutation($id: ID!, $tenantId: String) { classifyProject(id: $id, tenantId: $tenantId) { project { tenantId purpose } } }',
    );
    expect(await app.data(classify, { id: studio.id, tenantId: 'acme' })).toEqual({
      classifyProject: { project: { tenantId: 'acme', purpose: 'Web Application' } },
    });
    expect(await one('studio-demo')).toMatchObject({ tenantId: 'acme' });
    await app.sync(['projects', 'droplets']);
    expect(await one('studio-demo')).toMatchObject({ tenantId: 'acme' });
    await app.data(classify, { id: studio.id, tenantId: null });
    expect(await one('studio-demo')).toMatchObject({ tenantId: null });
  });

  it('a resource that moves to another project goes there', async () => {
    const [from, to] = ['8a4d0b21-1e46-4b69-8f1c-4d2e6f80ab12', '9b5e1c32-2f57-4c7a-9a2d-5e3f7a91bc23'];
    const { members } = await app.sandbox('GET', `state/projects/${from}`);
    await app.sandbox('PATCH', `state/projects/${from}`, {
      members: members.filter((member) => !member.urn.includes('411556505')),
    });
    const others = (await app.sandbox('GET', `state/projects/${to}`)).members;
    await app.sandbox('PATCH', `state/projects/${to}`, {
      members: [...others, members.find((member) => member.urn.includes('411556505'))],
    });
    await app.sync(['projects']);
    expect(await one('studio-demo')).toMatchObject({ project: { name: 'community-sites' } });
  });
});
