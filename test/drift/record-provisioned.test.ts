import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gql, present } from '../support/typed-document.js';
import { type DriftApp, type ProvisionedDroplet, REVERT, startDriftApp } from './drift-app.js';

const RECORD =
  gql(`mutation Record($resourceId: ID!, $spec: JSONObject) { recordProvisioned(resourceId: $resourceId, spec: $spec) {
  provisioned { spec specVersion resource { id } saga { id } } } }`);
const EVENTS = gql(`query Events($id: ID!) { resource(id: $id) { events { nodes { type changes } } } }`);

let app: DriftApp;
let git: ProvisionedDroplet;
const record = async (resourceId: string, spec?: Record<string, unknown>) =>
  (await app.data(RECORD, { resourceId, spec })).recordProvisioned.provisioned;
const droplet = async (name: string): Promise<ProvisionedDroplet> => {
  return app.row<{ resourceId: string; dropletId: string }>(
    `select id as "resourceId", provider_id as "dropletId" from cloud_resources where name = $1 and kind = 'droplet'`,
    [name],
  );
};
const fields = async (of: ProvisionedDroplet) =>
  (await app.drifts(of, 'OPEN')).map(({ field, expected, actual }) => [field, expected, actual]).sort();
const atProvider = async ({ dropletId }: ProvisionedDroplet) => app.sandbox('GET', `state/droplets/${dropletId}`);

beforeAll(async () => {
  app = await startDriftApp();
  await app.sync(['droplets', 'domains']);
  git = await droplet('git.sky-ai.com');
});
afterAll(() => app.close());

describe('an existing droplet', () => {
  it('comes under drift control as it is now, once', async () => {
    expect(await app.detect()).toEqual({ checked: 0, opened: 0, closedAsStale: 0 });
    const recorded = {
      spec: {
        size_slug: 's-1vcpu-2gb',
        region: 'syd1',
        image: 'debian-12-x64',
        name: 'git.sky-ai.com',
        tags: ['internal'],
      },
      specVersion: 1,
      resource: { id: git.resourceId },
      saga: null,
    };
    expect(await record(git.resourceId)).toEqual(recorded);
    expect(await app.detect()).toEqual({ checked: 1, opened: 0, closedAsStale: 0 });
    expect(await record(git.resourceId)).toEqual(recorded);
  });

  it('that is renamed and retagged at the provider drifts, and is put back', async () => {
    await app.patchElsewhere(git, { name: 'renamed', tags: ['internal', 'web'] });
    const resource = present((await app.data(EVENTS, { id: git.resourceId })).resource);
    expect(resource.events.nodes.slice(0, 2)).toEqual([
      {
        type: 'UPDATED',
        changes: {
          name: { from: 'git.sky-ai.com', to: 'renamed' },
          tags: { from: ['internal'], to: ['internal', 'web'] },
        },
      },
      { type: 'TAGGED', changes: { tags: { from: ['internal'], to: ['internal', 'web'] } } },
    ]);
    expect(await app.detect()).toEqual({ checked: 1, opened: 2, closedAsStale: 0 });
    expect(await fields(git)).toEqual([
      ['name', '"git.sky-ai.com"', '"renamed"'],
      ['tags', '["internal"]', '["internal","web"]'],
    ]);
    for (const { id } of await app.drifts(git, 'OPEN')) {
      const { revertDrift } = await app.data(REVERT, { id });
      await app.ended(present(revertDrift.saga).id);
    }
    expect(await atProvider(git)).toMatchObject({ name: 'git.sky-ai.com', tags: ['internal'] });
    expect(await fields(git)).toEqual([]);
    expect(await app.detect()).toEqual({ checked: 1, opened: 0, closedAsStale: 0 });
  });

  it('takes another spec, whose version grows with each change and with nothing else', async () => {
    const wanted = { size_slug: 's-2vcpu-2gb', name: 'git.sky-ai.com', tags: ['internal', 'git'] };
    expect(await record(git.resourceId, wanted)).toMatchObject({ spec: wanted, specVersion: 2 });
    expect(await record(git.resourceId, wanted)).toMatchObject({ specVersion: 2 });
    expect(await app.detect()).toEqual({ checked: 1, opened: 2, closedAsStale: 0 });
    expect(await fields(git)).toEqual([
      ['size_slug', '"s-2vcpu-2gb"', '"s-1vcpu-2gb"'],
      ['tags', '["internal","git"]', '["internal"]'],
    ]);
    expect(await record(git.resourceId)).toMatchObject({ specVersion: 3 });
    expect(await app.detect()).toEqual({ checked: 1, opened: 0, closedAsStale: 2 });
  });
});

it('a zone comes under control with what it has', async () => {
  const { id } = await app.row<{ id: string }>(
    `select id from cloud_resources where kind = 'dns_zone' and name = 'sky-ai.com'`,
  );
  expect(await record(id)).toMatchObject({ spec: { name: 'sky-ai.com', tags: [] }, specVersion: 1 });
});

it('a droplet that a saga made has name and tags in its spec, and an operator’s change keeps its saga', async () => {
  const made = await app.provision('made-by-saga');
  const { spec, specVersion } = await app.spec(made);
  expect(specVersion).toBe(1);
  expect(spec).toEqual({
    size_slug: 's-1vcpu-1gb',
    region: 'syd1',
    image: 'ubuntu-24-04-x64',
    name: 'made-by-saga',
    tags: expect.arrayContaining(['managed-by-arcadia-cloud', expect.stringMatching(/^arcadia-saga-[0-9a-f]{8}$/)]),
  });
  await app.patchElsewhere(made, { name: 'made-by-someone' });
  expect(await app.detect()).toMatchObject({ opened: 1 });
  expect(await fields(made)).toEqual([['name', '"made-by-saga"', '"made-by-someone"']]);
  expect(await record(made.resourceId, { ...spec, name: 'made-by-someone' })).toMatchObject({
    specVersion: 2,
    saga: { id: expect.any(String) },
  });
});

describe('what is refused changes nothing', () => {
  const NOBODY = '00000000-0000-4000-8000-000000000000';
  it.each<[string, Record<string, unknown>, string, string | null]>([
    ['no field', {}, 'BAD_USER_INPUT', 'spec'],
    ['a field that no droplet has', { colour: 'blue' }, 'BAD_USER_INPUT', 'spec.colour'],
    ['tags that are no list', { tags: 'a' }, 'BAD_USER_INPUT', 'spec.tags'],
    ['a tag that the provider would refuse', { tags: ['a b'] }, 'BAD_USER_INPUT', 'spec.tags.0'],
    ['a name that the provider would refuse', { name: 'a b' }, 'BAD_USER_INPUT', 'spec.name'],
    ['a size that is no text', { size_slug: 5 }, 'BAD_USER_INPUT', 'spec.size_slug'],
    ['too many bytes', { image: 'x'.repeat(20_000) }, 'BAD_USER_INPUT', 'spec'],
  ])('%s', async (_what, spec, code, path) => {
    const before = await app.everything();
    const { body } = await app.graphql(RECORD, { resourceId: git.resourceId, spec });
    expect(body.errors?.[0]?.extensions).toMatchObject({ code, fields: [{ path }] });
    expect(await app.everything()).toEqual(before);
  });

  it('an unknown resource, one that is gone, and whoever is no operator', async () => {
    const { id: zone } = await app.row<{ id: string }>(
      `select id from cloud_resources where name = 'holyspiritbraypark.com' and kind = 'dns_zone'`,
    );
    await app.sql('update cloud_resources set deleted_at = now() where id = $1', [zone]);
    const before = await app.everything();
    expect(await app.codeOf(RECORD, { resourceId: NOBODY })).toBe('NOT_FOUND');
    expect(await app.codeOf(RECORD, { resourceId: 'git' })).toBe('NOT_FOUND');
    expect(await app.codeOf(RECORD, { resourceId: zone })).toBe('CONFLICT');
    expect(await app.codeOf(RECORD, { resourceId: git.resourceId }, app.tenant('acme'))).toBe('FORBIDDEN');
    expect(await app.everything()).toEqual(before);
  });
});
