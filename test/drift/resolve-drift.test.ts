import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp } from '../support/app.js';
import { type AnyDocument, gql, present } from '../support/typed-document.js';
import { ACCEPT, type DriftApp, type ProvisionedDroplet, REVERT, startDriftApp } from './drift-app.js';

let app: DriftApp;
beforeAll(async () => {
  app = await startDriftApp();
});
afterAll(() => app.close());

const LIVE = gql('query Live($id: ID!) { resource(id: $id) { name status region tags attrs } }');
const live = async ({ resourceId }: ProvisionedDroplet) => (await app.data(LIVE, { id: resourceId })).resource;
const atProvider = ({ dropletId }: ProvisionedDroplet) => app.sandbox('GET', `state/droplets/${dropletId}`);
const openDrift = async (droplet: ProvisionedDroplet, field: string) => {
  await app.detect();
  return present((await app.drifts(droplet, 'OPEN')).find((drift) => drift.field === field));
};
/** A droplet of that name whose size somebody has changed, and the drift that tells. */
const resized = async (name: string, deploymentId?: string) => {
  const droplet = await app.provision(name, deploymentId ? { deploymentId } : {});
  await app.resizeElsewhere(droplet, 's-2vcpu-2gb');
  return { droplet, drift: await openDrift(droplet, 'size_slug') };
};
const accept = async (id: string) => (await app.data(ACCEPT, { id })).acceptDrift;
const revert = async (id: string) => (await app.data(REVERT, { id })).revertDrift;
const rejectionOf = async (query: AnyDocument, id: string) => {
  const before = await app.everything();
  const { body } = await app.raw(query, { id });
  expect(await app.everything()).toEqual(before);
  const [error] = body.errors ?? [];
  return { code: error?.extensions['code'], message: error?.message };
};
/** The provider takes no action on the droplet until `work` is done: a saga that needs one is under way as long. */
async function whileActionsFail<T>({ dropletId }: ProvisionedDroplet, work: () => Promise<T>): Promise<T> {
  await app.sandbox('POST', 'faults', {
    method: 'POST',
    path: `/v2/droplets/${dropletId}/actions`,
    times: 1000,
    status: 503,
  });
  try {
    return await work();
  } finally {
    await app.sandbox('DELETE', 'faults');
  }
}

describe('acceptDrift', () => {
  it('makes the live value the one that we want, in a further version of the spec', async () => {
    const { droplet, drift } = await resized('accepted');
    expect(await accept(drift.id)).toEqual({
      drift: {
        id: drift.id,
        status: 'ACCEPTED',
        expected: '"s-1vcpu-1gb"',
        actual: '"s-2vcpu-2gb"',
        resolvedBy: 'somebody@platform-admin',
      },
      saga: null,
    });
    expect(await app.spec(droplet)).toEqual({
      spec: {
        size_slug: 's-2vcpu-2gb',
        region: 'syd1',
        image: 'ubuntu-24-04-x64',
        name: 'accepted',
        tags: [expect.stringMatching(/^arcadia-saga-/), 'managed-by-arcadia-cloud'],
      },
      specVersion: 2,
    });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });

    await app.resizeElsewhere(droplet, 's-1vcpu-1gb');
    await app.detect();
    expect((await app.drifts(droplet)).map(({ status, expected }) => [status, expected])).toEqual([
      ['OPEN', '"s-2vcpu-2gb"'],
      ['ACCEPTED', '"s-1vcpu-1gb"'],
    ]);
  });

  it('takes what is there now, though the drift was last looked at before', async () => {
    const { droplet, drift } = await resized('moved-on');
    await app.resizeElsewhere(droplet, 's-2vcpu-4gb');
    expect((await accept(drift.id)).drift).toMatchObject({ status: 'ACCEPTED', actual: '"s-2vcpu-4gb"' });
    expect((await app.spec(droplet)).spec['size_slug']).toBe('s-2vcpu-4gb');
  });

  it('takes a region, a list, and a value that is gone', async () => {
    const droplet = await app.provision('several');
    await app.alsoWant(droplet, { tags: ['a'], project: 'x' });
    await app.patchElsewhere(droplet, { region: { slug: 'sfo3' }, tags: ['c', 'b'] });
    await app.detect();
    const answers = [];
    for (const { id } of await app.drifts(droplet, 'OPEN')) answers.push((await accept(id)).drift.actual);
    expect(answers).toEqual(['["b","c"]', '"sfo3"', null]);
    expect(await app.spec(droplet)).toEqual({
      spec: {
        size_slug: 's-1vcpu-1gb',
        region: 'sfo3',
        image: 'ubuntu-24-04-x64',
        name: 'several',
        tags: ['b', 'c'],
        project: null,
      },
      specVersion: 4,
    });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
  });

  it('asked twenty times at once, in two processes, accepts once', async () => {
    const { droplet, drift } = await resized('accepted-once');
    const other = await startTestApp({ databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl, worker: false });
    try {
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? app : other).graphql(ACCEPT, { id: drift.id })),
      );
      const codes = answers.map(({ body }) => body.errors?.[0]?.extensions['code'] ?? 'OK').sort();
      expect(codes).toEqual([...Array(19).fill('CONFLICT'), 'OK']);
      expect((await app.spec(droplet)).specVersion).toBe(2);
    } finally {
      await other.close();
    }
  });

  it('refuses a drift that is closed, that is not there, and one of a droplet that is gone', async () => {
    const { droplet, drift } = await resized('refused');
    const gone = await resized('refused-gone');
    await accept(drift.id);
    expect(await rejectionOf(ACCEPT, drift.id)).toEqual({
      code: 'CONFLICT',
      message: 'The drift is accepted already.',
    });
    expect((await rejectionOf(ACCEPT, droplet.resourceId)).code).toBe('NOT_FOUND');
    expect((await rejectionOf(ACCEPT, 'none')).code).toBe('NOT_FOUND');
    await app.sandbox('DELETE', `state/droplets/${gone.droplet.dropletId}`);
    await app.sync(['droplets', 'droplets', 'droplets']);
    const message = 'The resource is gone from the provider.';
    expect(await rejectionOf(ACCEPT, gone.drift.id)).toEqual({ code: 'CONFLICT', message });
    expect(await rejectionOf(REVERT, gone.drift.id)).toEqual({ code: 'CONFLICT', message });
  });

  it('refuses while a saga puts the field back', async () => {
    const { droplet, drift } = await resized('accept-against-revert');
    const saga = await whileActionsFail(droplet, async () => {
      const started = present((await revert(drift.id)).saga);
      const { body } = await app.graphql(ACCEPT, { id: drift.id });
      expect(body.errors?.[0]).toMatchObject({
        message: `A saga is at work on this resource: ${started.id} (resize_droplet).`,
        extensions: { code: 'CONFLICT' },
      });
      expect((await app.spec(droplet)).specVersion).toBe(1);
      return started;
    });
    expect(await app.ended(saga.id)).toMatchObject({ status: 'COMPLETED' });
    expect((await app.drifts(droplet))[0]).toMatchObject({ status: 'REVERTED' });
  });
});

describe('revertDrift', () => {
  it('resizes the droplet back by a saga, and is REVERTED once that completes', async () => {
    const { droplet, drift } = await resized('reverted');
    const { drift: answered, saga } = await revert(drift.id);
    expect(answered.id).toBe(drift.id);
    expect(saga).toMatchObject({
      kind: 'RESIZE_DROPLET',
      inputs: {
        driftId: drift.id,
        resourceId: droplet.resourceId,
        dropletId: droplet.dropletId,
        sizeSlug: 's-1vcpu-1gb',
      },
    });
    const ended = await app.ended(present(saga).id);
    expect(ended).toMatchObject({ status: 'COMPLETED', error: null });
    expect(ended.steps.map(({ status }: { status: string }) => status)).toEqual(ended.steps.map(() => 'COMPLETED'));
    expect(await app.drifts(droplet)).toEqual([
      { ...drift, status: 'REVERTED', resolvedAt: expect.any(String), resolvedBy: `saga:${present(saga).id}` },
    ]);
    expect(await atProvider(droplet)).toMatchObject({ size_slug: 's-1vcpu-1gb', status: 'active' });
    expect(await live(droplet)).toMatchObject({ status: 'active', attrs: { size_slug: 's-1vcpu-1gb' } });
    expect(await app.spec(droplet)).toMatchObject({ specVersion: 1, spec: { size_slug: 's-1vcpu-1gb' } });
    await app.sync(['droplets']);
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
    expect(await rejectionOf(REVERT, drift.id)).toEqual({
      code: 'CONFLICT',
      message: 'The drift is reverted already.',
    });
  });

  it('leaves a droplet off that was off', async () => {
    const droplet = await app.provision('was-off');
    await app.patchElsewhere(droplet, { size_slug: 's-2vcpu-2gb', status: 'off' });
    const drift = await openDrift(droplet, 'size_slug');
    expect(await app.ended(present((await revert(drift.id)).saga).id)).toMatchObject({ status: 'COMPLETED' });
    expect(await atProvider(droplet)).toMatchObject({ size_slug: 's-1vcpu-1gb', status: 'off' });
  });

  it('gives a name back', async () => {
    const droplet = await app.provision('true-name');
    await app.alsoWant(droplet, { name: 'true-name' });
    await app.patchElsewhere(droplet, { name: 'nick-name' });
    const drift = await openDrift(droplet, 'name');
    const saga = present((await revert(drift.id)).saga);
    expect(saga).toMatchObject({ kind: 'RENAME_DROPLET', inputs: { name: 'true-name' } });
    expect(await app.ended(saga.id)).toMatchObject({ status: 'COMPLETED' });
    expect(await atProvider(droplet)).toMatchObject({ name: 'true-name' });
    expect(await live(droplet)).toMatchObject({ name: 'true-name' });
    expect((await app.drifts(droplet))[0]).toMatchObject({ status: 'REVERTED', resolvedBy: `saga:${saga.id}` });
  });

  it('gives tags back: those that lack are added, those too many are taken, those in another case stay', async () => {
    const droplet = await app.provision('tagged');
    await app.alsoWant(droplet, { tags: ['Red', 'blue', 'blue'] });
    const resources = [{ resource_id: droplet.dropletId, resource_type: 'droplet' }];
    await app.patchElsewhere(droplet, { tags: [] });
    for (const tag of ['red', 'green']) {
      await app.elsewhere('POST', 'tags', { name: tag });
      await app.elsewhere('POST', `tags/${tag}/resources`, { resources });
    }
    await app.sync(['droplets']);
    const drift = await openDrift(droplet, 'tags');
    const saga = present((await revert(drift.id)).saga);
    expect(saga).toMatchObject({ kind: 'RETAG_DROPLET', inputs: { tags: ['Red', 'blue'] } });
    expect(await app.ended(saga.id)).toMatchObject({ status: 'COMPLETED' });
    expect([...(await atProvider(droplet)).tags].sort()).toEqual(['blue', 'red']);
    expect(await live(droplet)).toMatchObject({ tags: ['blue', 'red'] });
    expect((await app.drifts(droplet))[0]).toMatchObject({ status: 'REVERTED' });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
  });

  it('says at once that a region or an image cannot be put back, and changes nothing', async () => {
    const droplet = await app.provision('moved');
    await app.patchElsewhere(droplet, { region: { slug: 'sfo3' }, image: { slug: 'debian-12-x64' } });
    await app.detect();
    const drifts = await app.drifts(droplet, 'OPEN');
    expect(drifts.map(({ field }) => field).sort()).toEqual(['image', 'region']);
    for (const { id, field } of drifts) {
      expect(await rejectionOf(REVERT, id)).toEqual({
        code: 'CONFLICT',
        message: `"${field}" of a droplet cannot be changed after creation. Accept the drift, or create another resource.`,
      });
    }
    expect(await app.drifts(droplet, 'OPEN')).toEqual(drifts);
  });

  it('says so too where nothing was asked for that could be put back', async () => {
    const droplet = await app.provision('untagged');
    await app.alsoWant(droplet, { tags: null });
    const drift = await openDrift(droplet, 'tags');
    expect(await rejectionOf(REVERT, drift.id)).toEqual({
      code: 'CONFLICT',
      message: 'The spec of "tags" has no value that the provider could be set to. Record another spec.',
    });
  });

  it('asked again while it is under way answers the saga that is, however often and wherever', async () => {
    const { droplet, drift } = await resized('reverted-once');
    const other = await startTestApp({ databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl, worker: false });
    try {
      const ids = await whileActionsFail(droplet, async () => {
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, n) => (n % 2 === 0 ? app : other).data(REVERT, { id: drift.id })),
        );
        return answers.map(({ revertDrift }) => present(revertDrift.saga).id);
      });
      expect(new Set(ids).size).toBe(1);
      expect(await app.ended(present(ids[0]))).toMatchObject({ status: 'COMPLETED' });
      expect(await app.sql('select id from saga_runs where resource_id = $1', [droplet.resourceId])).toEqual([
        { id: ids[0] },
      ]);
    } finally {
      await other.close();
    }
  });

  it('refuses while another saga is at work on the droplet, that of another of its drifts too', async () => {
    const droplet = await app.provision('busy');
    await app.alsoWant(droplet, { name: 'busy' });
    await app.patchElsewhere(droplet, { name: 'lazy', size_slug: 's-2vcpu-2gb' });
    const [name, size] = [await openDrift(droplet, 'name'), await openDrift(droplet, 'size_slug')];
    const saga = await whileActionsFail(droplet, async () => {
      const started = present((await revert(name.id)).saga);
      const { body } = await app.graphql(REVERT, { id: size.id });
      expect(body.errors?.[0]).toMatchObject({
        message: `A saga is at work on this resource: ${started.id} (rename_droplet).`,
        extensions: { code: 'CONFLICT' },
      });
      expect(await app.sql('select id from saga_runs where resource_id = $1', [droplet.resourceId])).toEqual([
        { id: started.id },
      ]);
      expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });
      return started;
    });
    expect(await app.ended(saga.id)).toMatchObject({ status: 'COMPLETED' });
    expect((await app.drifts(droplet, 'OPEN')).map(({ id }) => id)).toEqual([size.id]);
    expect(await app.ended(present((await revert(size.id)).saga).id)).toMatchObject({ status: 'COMPLETED' });
    expect(await app.drifts(droplet, 'OPEN')).toEqual([]);
  });

  it('that fails is rolled back and leaves the drift open, to be put back another time', async () => {
    const { droplet, drift } = await resized('refused-by-provider');
    const path = `/v2/droplets/${droplet.dropletId}/actions`;
    // The power goes off; the resize is refused for good.
    await app.sandbox('POST', 'faults', { method: 'POST', path, skip: 1, times: 1, status: 422 });
    const failed = await app.ended(present((await revert(drift.id)).saga).id);
    expect(failed).toMatchObject({ status: 'ROLLED_BACK', error: expect.stringContaining('ResizeDroplet failed') });
    expect(await app.drifts(droplet)).toEqual([drift]);
    expect(await atProvider(droplet)).toMatchObject({ size_slug: 's-2vcpu-2gb', status: 'active' });
    expect(await app.detect()).toMatchObject({ opened: 0, closedAsStale: 0 });

    const second = present((await revert(drift.id)).saga);
    expect(second.id).not.toBe(failed.id);
    expect(await app.ended(second.id)).toMatchObject({ status: 'COMPLETED' });
    expect((await app.drifts(droplet))[0]).toMatchObject({ status: 'REVERTED', resolvedBy: `saga:${second.id}` });
  });

  it("of a deployment's droplet is a saga that its tenant may watch", async () => {
    const { createDeployment } = await app.data(
      gql(
        'mutation { createDeployment(input: { slug: "watched", displayName: "Watched", tenantId: "acme" }) { deployment { id } } }',
      ),
    );
    const { drift } = await resized('watched', createDeployment.deployment.id);
    const saga = present((await revert(drift.id)).saga);
    await app.ended(saga.id);
    const query = gql('query Saga($id: ID!) { saga(id: $id) { status deployment { slug } } }');
    expect(await app.data(query, { id: saga.id }, app.tenant('acme'))).toEqual({
      saga: { status: 'COMPLETED', deployment: { slug: 'watched' } },
    });
    expect(await app.data(query, { id: saga.id }, app.tenant('globex'))).toEqual({ saga: null });
  });
});
