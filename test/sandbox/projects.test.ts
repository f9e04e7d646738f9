import { describe, expect, it } from '@jest/globals';
import { ask, get, MAIL, send, start } from './running-sandbox.js';

const COMMUNITY = '/v2/projects/9b5e1c32-2f57-4c7a-9a2d-5e3f7a91bc23';
const membersOf = async (sandbox: { url: string }, path: string): Promise<string[]> =>
  (await get(sandbox, `${path}/resources?per_page=200`)).resources.map((each: any) => each.urn);
const assign = (sandbox: { url: string }, ...resources: unknown[]) =>
  ask(sandbox, 'POST', `${COMMUNITY}/resources`, { resources });

describe('members', () => {
  it('are in one project each, and say what became of them', async () => {
    const sandbox = await start();
    const urn = `do:droplet:${MAIL}`;
    expect((await assign(sandbox, urn, 'do:droplet:1'))[1].resources).toMatchObject([
      { urn, status: 'assigned', links: { self: `https://api.digitalocean.com/v2/droplets/${MAIL}` } },
      { urn: 'do:droplet:1', status: 'not_found' },
    ]);
    expect((await assign(sandbox, urn))[1].resources).toMatchObject([{ urn, status: 'already_assigned' }]);
    expect(await membersOf(sandbox, COMMUNITY)).toEqual(expect.arrayContaining([urn]));
    expect(await membersOf(sandbox, COMMUNITY)).not.toContain('do:droplet:1');
    expect(await membersOf(sandbox, '/v2/projects/default')).not.toContain(urn);
  });

  it('that are Spaces move too, with their own address', async () => {
    const sandbox = await start();
    const [space] = (await get(sandbox, '/v2/projects/default/resources')).resources.filter((each: any) =>
      each.urn.startsWith('do:space:'),
    );
    expect((await assign(sandbox, space.urn))[1].resources[0].links).toEqual(space.links);
  });

  it('take their volumes and addresses along, which do not move without them', async () => {
    const sandbox = await start();
    const [, { volume }] = await ask(sandbox, 'POST', '/v2/volumes', {
      name: 'data',
      size_gigabytes: 10,
      region: 'syd1',
    });
    await send(sandbox, 'POST', `/v2/volumes/${volume.id}/actions`, { type: 'attach', droplet_id: MAIL });
    const [, { reserved_ip: ip }] = await ask(sandbox, 'POST', '/v2/reserved_ips', { droplet_id: MAIL });
    expect(await assign(sandbox, `do:reservedip:${ip.ip}`)).toMatchObject([
      412,
      { message: 'Cannot move a Reserved IP with an associated Droplet. Move the Droplet instead' },
    ]);
    await assign(sandbox, `do:droplet:${MAIL}`);
    const all = [`do:droplet:${MAIL}`, `do:volume:${volume.id}`, `do:floatingip:${ip.ip}`];
    expect(await membersOf(sandbox, COMMUNITY)).toEqual(expect.arrayContaining(all));
    expect((await get(sandbox, `/v2/floating_ips/${ip.ip}`)).floating_ip.project_id).toBe(COMMUNITY.split('/')[3]);
  });

  it('that are no URNs move nothing', async () => {
    const sandbox = await start();
    const before = await get(sandbox, '/_sandbox/state/projects');
    expect(await assign(sandbox, `do:droplet:${MAIL}`, 'droplet')).toMatchObject([
      400,
      { message: 'resource objects must have an urn in the following format: do:resource_type:resource_id' },
    ]);
    expect(await get(sandbox, '/_sandbox/state/projects')).toEqual(before);
  });
});

describe('a project', () => {
  it('is changed, also into the default one, of which there is one', async () => {
    const sandbox = await start();
    const [status, { project }] = await ask(sandbox, 'PATCH', COMMUNITY, {
      purpose: 'Anything else',
      environment: 'production',
      is_default: true,
    });
    expect([status, project.purpose, project.environment]).toEqual([200, 'Other: Anything else', 'Production']);
    const { projects } = await get(sandbox, '/v2/projects');
    expect(projects.filter((each: any) => each.is_default).map((each: any) => each.id)).toEqual([project.id]);
    expect((await get(sandbox, '/v2/projects/default')).project.id).toBe(project.id);
  });

  it.each([
    [{ name: 'sky-ai' }, 409],
    [{ name: '' }, 422],
    [{ name: 'x'.repeat(176) }, 422],
    [{ purpose: '' }, 422],
    [{ environment: 'moon' }, 422],
  ])('is not changed by %j', async (body, status) => {
    const sandbox = await start();
    const before = await get(sandbox, COMMUNITY);
    expect((await ask(sandbox, 'PATCH', COMMUNITY, body))[0]).toBe(status);
    expect(await get(sandbox, COMMUNITY)).toEqual(before);
  });
});
