import { describe, expect, it } from '@jest/globals';
import { ask, get, MAIL, SPEC, send, start, startClocked } from './running-sandbox.js';

const PATH = `/v2/droplets/${MAIL}`;
const urnsOf = async (sandbox: { url: string }, project: string) =>
  (await get(sandbox, `/v2/projects/${project}/resources?per_page=200`)).resources.map((each: any) => each.urn);

describe('a new droplet', () => {
  it('joins the default project, and leaves it when it is destroyed', async () => {
    const sandbox = await start();
    const [, { droplet }] = await ask(sandbox, 'POST', '/v2/droplets', SPEC);
    expect(await urnsOf(sandbox, 'default')).toContain(`do:droplet:${droplet.id}`);
    expect(await ask(sandbox, 'DELETE', `/v2/droplets/${droplet.id}`)).toEqual([204, null]);
    expect(await urnsOf(sandbox, 'default')).not.toContain(`do:droplet:${droplet.id}`);
    const { actions } = await get(sandbox, `/v2/droplets/${droplet.id}/actions`);
    expect(actions.map((action: any) => action.type)).toEqual(['destroy', 'create']);
  });

  it('comes in as many as have names, each with its own action', async () => {
    const sandbox = await start();
    const { name: _, ...spec } = SPEC;
    const [status, { droplets, links }] = await ask(sandbox, 'POST', '/v2/droplets', { ...spec, names: ['a', 'b'] });
    expect([status, droplets.map((each: any) => each.name), links.actions.length]).toEqual([202, ['a', 'b'], 2]);
    expect((await get(sandbox, '/v2/droplets?tag_name=mine')).meta.total).toBe(2);
  });

  it('may be of a snapshot, and anywhere that a prefix fits', async () => {
    const sandbox = await start();
    const { snapshots } = await get(sandbox, '/v2/snapshots?per_page=1');
    const [status, { droplet }] = await ask(sandbox, 'POST', '/v2/droplets', {
      ...SPEC,
      size: 's-4vcpu-8gb',
      region: 'syd',
      image: Number(snapshots[0].id),
    });
    expect([status, droplet.region.slug, droplet.image.type]).toEqual([202, 'syd1', 'snapshot']);
  });

  it.each([
    [{ name: 'not a name' }, 'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)'],
    [{ size: 'huge' }, 'You specified an invalid size for Droplet creation.'],
    [{ region: 'mars1' }, 'You specified an invalid region for Droplet creation.'],
    [{ image: 'windows' }, 'You specified an invalid image for Droplet creation.'],
    [{ tags: ['a b'] }, 'Tags may hold letters, numbers, _, - and : alone.'],
    [{ user_data: 'x'.repeat(65_537) }, 'User data must not exceed 64 KiB.'],
    [{ volumes: ['none'] }, 'Volumes must exist in the region, attached to no Droplet.'],
    [{ names: [] }, 'names must hold from 1 to 10 names.'],
    [{ names: ['fine', 'not fine'] }, 'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)'],
  ])('is refused with %j, and nothing is made', async (change, message) => {
    const sandbox = await start();
    const answer = await ask(sandbox, 'POST', '/v2/droplets', { ...SPEC, ...change });
    expect(answer).toMatchObject([422, { id: 'unprocessable_entity', message }]);
    expect((await get(sandbox, '/v2/droplets')).meta.total).toBe(5);
    expect(await get(sandbox, '/_sandbox/state/actions')).toEqual({});
  });
});

describe('the list of droplets', () => {
  it('is filtered by name and tag, whatever their case, and leaves GPUs to a list of their own', async () => {
    const sandbox = await start();
    const { droplet } = await get(sandbox, PATH);
    await ask(sandbox, 'PUT', '/_sandbox/state/droplets/77', { ...droplet, id: 77, size_slug: 'gpu-h100x1-80gb' });
    const ids = async (query: string) =>
      (await get(sandbox, `/v2/droplets?${query}`)).droplets.map((each: any) => each.id);
    expect(await ids('name=MAIL.sky-ai.com')).toEqual([MAIL]);
    expect(await ids('tag_name=Mail')).toEqual([77, MAIL]);
    expect(await ids('type=gpus')).toEqual([77]);
    expect(await ids('per_page=200')).toHaveLength(5);
    expect((await send(sandbox, 'GET', '/v2/droplets?tag_name=mail&name=x')).status).toBe(422);
  });
});

describe('an action', () => {
  it.each([
    [{ type: 'power_on' }, 'Droplet is already powered on.'],
    [{ type: 'resize', size: 's-1vcpu-2gb' }, 'Droplet must be powered off before it can be resized.'],
    [{ type: 'resize', size: 'huge' }, 'You specified an invalid size.'],
    [{ type: 'rename', name: 'no name' }, 'Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)'],
    [{ type: 'toString' }, 'toString is not an action of a Droplet here.'],
    [{}, 'undefined is not an action of a Droplet here.'],
  ])('%j is refused to a droplet that is on', async (body, message) => {
    const sandbox = await start();
    expect(await ask(sandbox, 'POST', `${PATH}/actions`, body)).toMatchObject([422, { message }]);
    expect((await get(sandbox, `${PATH}/actions`)).actions).toEqual([]);
  });

  it('resizes without the disk and back again, and with it for good', async () => {
    const sandbox = await start();
    const act = (body: object) => ask(sandbox, 'POST', `${PATH}/actions`, body);
    const look = async () => {
      const { droplet } = await get(sandbox, PATH);
      return [droplet.size_slug, droplet.vcpus, droplet.memory, droplet.disk, droplet.disk_info[0].size.amount];
    };
    await act({ type: 'power_off' });
    await act({ type: 'resize', size: 's-2vcpu-2gb', disk: false });
    expect(await look()).toEqual(['s-2vcpu-2gb', 2, 2048, 25, 25]);
    await act({ type: 'resize', size: 's-1vcpu-1gb' });
    expect(await look()).toEqual(['s-1vcpu-1gb', 1, 1024, 25, 25]);
    await act({ type: 'resize', size: 's-2vcpu-2gb', disk: true });
    expect(await look()).toEqual(['s-2vcpu-2gb', 2, 2048, 60, 60]);
    expect(await act({ type: 'resize', size: 's-1vcpu-1gb' })).toMatchObject([
      422,
      { message: "Size can not decrease size of Droplet's disk image" },
    ]);
    expect(await act({ type: 'power_off' })).toMatchObject([422, { message: 'Droplet is already powered off.' }]);
    expect((await act({ type: 'shutdown' }))[0]).toBe(201);
  });

  it('whose droplet is gone meanwhile ends errored', async () => {
    const { sandbox, pass } = await startClocked();
    const [, { action }] = await ask(sandbox, 'POST', `${PATH}/actions`, { type: 'reboot' });
    await ask(sandbox, 'DELETE', `/_sandbox/state/droplets/${MAIL}`);
    pass(20);
    expect((await get(sandbox, `/v2/actions/${action.id}`)).action.status).toBe('errored');
  });
});

it('destroying by tag takes every droplet with it, and no other', async () => {
  const sandbox = await start();
  expect((await send(sandbox, 'DELETE', '/v2/droplets')).status).toBe(422);
  expect((await send(sandbox, 'DELETE', '/v2/droplets?tag_name=PARISH')).status).toBe(204);
  const left = (await get(sandbox, '/v2/droplets')).droplets;
  expect(left.flatMap((each: any) => each.tags)).not.toContain('parish');
  expect(left.length).toBeGreaterThan(0);
});
