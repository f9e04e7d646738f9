import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { gql, present } from '../support/typed-document.js';
import { type SagaApp, sagaIdOf, startSagaApp } from './saga-app.js';

let app: SagaApp;
beforeAll(async () => {
  // A hundredth of the real time: new things are missing from listings for a while, actions take some.
  app = await startSagaApp({ sandboxTimeScale: 0.01 });
});
afterAll(() => app.close());
afterEach(() => app.sandbox('DELETE', 'faults'));

const PROVISION = gql(`mutation Provision($input: ProvisionDropletInput!) {
  provisionDroplet(input: $input) { saga { id kind status steps { name status } } }
}`);
const DESTROY = gql(`mutation Destroy($id: ID!, $key: String) {
  destroyDroplet(resourceId: $id, idempotencyKey: $key) { saga { id } }
}`);
const SNAPSHOT = gql(`mutation Snapshot($id: ID!) { snapshotDroplet(resourceId: $id) { saga { id } } }`);
const RESOURCE = gql(`query Resource($id: ID!) {
  resource(id: $id) { id kind name status region tags attrs deletedAt tenantId events { nodes { type actor } } }
}`);
const INPUT = { name: 'web-9', sizeSlug: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', region: 'syd1', tags: ['blue'] };

const provision = (input: object = {}) => sagaIdOf(app.data(PROVISION, { input: { ...INPUT, ...input } }));

async function dropletsNamed(name: string) {
  const droplets = Object.values(await app.sandbox('GET', 'state/droplets'));
  return droplets.filter((droplet) => droplet.name === name);
}

async function aDroplet(name: string) {
  const saga = await app.ended(await provision({ name }));
  expect(saga.status).toBe('COMPLETED');
  return saga.context;
}

describe('provisionDroplet', () => {
  it('makes one droplet, waits for its address and registers it', async () => {
    const { provisionDroplet } = await app.data(PROVISION, { input: INPUT });
    const { saga } = provisionDroplet;
    expect(saga.kind).toBe('PROVISION_DROPLET');
    const names = saga.steps.map((step: { name: string }) => step.name);
    expect(names).toEqual(['CreateDroplet', 'WaitDropletActive', 'RegisterDroplet']);
    const events = await app.watch(saga.id);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
    expect(events.map(({ type }) => type).filter((type) => type !== 'STEP_PROGRESS')).toEqual([
      'STARTED',
      'STEP_STARTED',
      'STEP_COMPLETED',
      'STEP_STARTED',
      'STEP_COMPLETED',
      'STEP_STARTED',
      'STEP_COMPLETED',
      'COMPLETED',
    ]);
    const ended = await app.ended(saga.id);
    expect(ended).toMatchObject({ status: 'COMPLETED', error: null });
    const { resource } = await app.data(RESOURCE, { id: ended.context.resourceId });
    expect(resource).toMatchObject({
      kind: 'DROPLET',
      name: 'web-9',
      status: 'active',
      region: 'syd1',
      tags: [`arcadia-saga-${saga.id.slice(0, 8)}`, 'blue', 'managed-by-arcadia-cloud'],
      attrs: { size_slug: 's-1vcpu-1gb', public_ipv4: ended.context.ipv4 },
      events: { nodes: [{ type: 'DISCOVERED', actor: `saga:${saga.id}` }] },
    });
  });

  it('destroys a second droplet that a lost request made after all', async () => {
    const id = await provision({ name: 'web-late' });
    const progress = app.progress(id);
    await progress.until(({ type, stepName }) => type === 'STEP_STARTED' && stepName === 'WaitDropletActive');
    const answer = await fetch(`${app.sandboxUrl}/v2/droplets`, {
      method: 'POST',
      headers: { authorization: 'Bearer somebody-else', 'content-type': 'application/json' },
      body: JSON.stringify({
        name: 'web-late',
        size: INPUT.sizeSlug,
        image: INPUT.image,
        region: INPUT.region,
        tags: [`arcadia-saga-${id.slice(0, 8)}`],
      }),
    });
    expect(answer.status).toBe(202);
    await progress.until(({ type }) => type === 'COMPLETED');
    await progress.close();
    const { context } = await app.ended(id);
    expect((await dropletsNamed('web-late')).map((droplet) => String(droplet.id))).toEqual([context.dropletId]);
  });

  it('answers the saga of then where the key is sent again, and refuses the key for anything else', async () => {
    const first = await provision({ name: 'web-key', idempotencyKey: 'once' });
    expect(await provision({ name: 'web-key', idempotencyKey: 'once' })).toBe(first);
    await app.watch(first);
    expect(await provision({ name: 'web-key', idempotencyKey: 'once' })).toBe(first);
    const { body } = await app.graphql(PROVISION, { input: { ...INPUT, name: 'other', idempotencyKey: 'once' } });
    expect(body.errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect(await dropletsNamed('web-key')).toHaveLength(1);
    expect(await dropletsNamed('other')).toEqual([]);
  });

  it('rolls back with the reason where the provider refuses the spec', async () => {
    const saga = await app.ended(await provision({ name: 'web-huge', sizeSlug: 's-99vcpu-1tb' }));
    expect(saga).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('invalid size') });
    expect(await dropletsNamed('web-huge')).toEqual([]);
  });

  it('destroys a droplet that never becomes active', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/droplets', outcome: 'stalled' });
    const id = await provision({ name: 'web-stuck' });
    const saga = await app.ended(id);
    expect(saga).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('Not done after 96 polls') });
    expect(saga.steps.map(({ status }) => status)).toEqual(['COMPENSATED', 'COMPENSATED', 'PENDING']);
    expect(await dropletsNamed('web-stuck')).toEqual([]);
  });

  it('destroys a droplet whose create action errors, at once', async () => {
    await app.sandbox('POST', 'faults', { method: 'POST', path: '/v2/droplets', outcome: 'errored' });
    const saga = await app.ended(await provision({ name: 'web-errored' }));
    expect(saga).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('create action errored') });
    expect(await dropletsNamed('web-errored')).toEqual([]);
  });

  it.each([
    ['a name that no host has', { name: 'no_underscores' }, 'input.name'],
    ['an empty region', { region: '' }, 'input.region'],
    ['a tag with a space', { tags: ['ok', 'not ok'] }, 'input.tags.1'],
    ['a tag that sagas give', { tags: ['arcadia-saga-12345678'] }, 'input.tags.0'],
    ['a size that is no slug', { sizeSlug: 'S 1' }, 'input.sizeSlug'],
  ])('refuses %s and starts nothing', async (_, wrong, path) => {
    const before = await app.row('select count(*) from saga_runs');
    const { body } = await app.graphql(PROVISION, { input: { ...INPUT, ...wrong } });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ path }] });
    expect(await app.sql('select count(*) from saga_runs')).toEqual([before]);
  });

  it('finds no deployment that is not there', async () => {
    for (const deploymentId of ['3e5e5d0c-0000-4000-8000-000000000000', 'nonsense']) {
      const { body } = await app.graphql(PROVISION, { input: { ...INPUT, deploymentId } });
      expect(body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    }
  });
});

describe('destroyDroplet', () => {
  it('destroys the droplet and buries its row; the key of then answers the saga of then', async () => {
    const { resourceId, dropletId } = await aDroplet('web-doomed');
    const id = await sagaIdOf(app.data(DESTROY, { id: resourceId, key: 'doom' }));
    expect(await app.ended(id)).toMatchObject({ status: 'COMPLETED' });
    expect(await dropletsNamed('web-doomed')).toEqual([]);
    const resource = present((await app.data(RESOURCE, { id: resourceId })).resource);
    expect(resource.deletedAt).not.toBeNull();
    expect(resource.events.nodes[0]).toEqual({ type: 'DELETED', actor: `saga:${id}` });
    expect(await sagaIdOf(app.data(DESTROY, { id: resourceId, key: 'doom' }))).toBe(id);
    const { body } = await app.graphql(DESTROY, { id: resourceId });
    expect(body.errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect(dropletId).toBe(String(Number(dropletId)));
  });

  it('succeeds where the droplet is gone already', async () => {
    const { resourceId, dropletId } = await aDroplet('web-gone');
    await app.sandbox('DELETE', `state/droplets/${dropletId}`);
    const saga = await app.ended(await sagaIdOf(app.data(DESTROY, { id: resourceId })));
    expect(saga).toMatchObject({ status: 'COMPLETED' });
    expect(present((await app.data(RESOURCE, { id: resourceId })).resource).deletedAt).not.toBeNull();
  });

  it('waits for what else is being done to the droplet', async () => {
    const { resourceId, dropletId } = await aDroplet('web-waits');
    await fetch(`${app.sandboxUrl}/v2/droplets/${dropletId}/actions`, {
      method: 'POST',
      headers: { authorization: 'Bearer somebody-else', 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'snapshot', name: 'by-hand' }),
    });
    const id = await sagaIdOf(app.data(DESTROY, { id: resourceId }));
    const events = await app.watch(id);
    expect(events.map(({ message }) => message)).toContain('another action of the droplet is under way');
    expect(events.at(-1)?.type).toBe('COMPLETED');
    expect(await dropletsNamed('web-waits')).toEqual([]);
  });

  it('refuses what is no droplet, and what is not there', async () => {
    const { resources } = await app.data(gql('{ resources(filter: { kinds: [DNS_ZONE] }) { nodes { id } } }'));
    const zone = await app.graphql(DESTROY, { id: present(resources.nodes[0]).id });
    expect(zone.body.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'resourceId' }],
    });
    const none = await app.graphql(DESTROY, { id: '3e5e5d0c-0000-4000-8000-000000000000' });
    expect(none.body.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  it('is refused while another saga is at work on the droplet', async () => {
    const { resourceId } = await aDroplet('web-busy');
    const snapshot = await sagaIdOf(app.data(SNAPSHOT, { id: resourceId }));
    const { body } = await app.graphql(DESTROY, { id: resourceId });
    expect(body.errors?.[0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining(snapshot),
    });
    expect(await app.ended(snapshot)).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('snapshotDroplet', () => {
  it('waits until the listing shows the snapshot that the action has taken', async () => {
    const { resourceId, dropletId } = await aDroplet('web-kept');
    const id = await sagaIdOf(app.data(SNAPSHOT, { id: resourceId }));
    const events = await app.watch(id);
    expect(events.map(({ message }) => message)).toContain('the snapshot is taken and not listed yet');
    const saga = await app.ended(id);
    const name = `arcadia-snap-${dropletId}-${id.slice(0, 8)}`;
    expect(saga).toMatchObject({ status: 'COMPLETED', context: { snapshotName: name } });
    const snapshots = Object.values(await app.sandbox('GET', 'state/snapshots'));
    expect(snapshots.filter((snapshot) => snapshot.name === name)).toHaveLength(1);
  });
});
