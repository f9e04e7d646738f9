import { describe, expect, it } from '@jest/globals';
import { ask, get, MAIL, SPEC, send, start, startClocked } from './running-sandbox.js';

const DATA = { name: 'data', size_gigabytes: 10, region: 'syd1' };

describe('a volume', () => {
  it('is attached, grown and detached, one at a time with its droplet', async () => {
    const { sandbox, pass } = await startClocked();
    const [, { volume }] = await ask(sandbox, 'POST', '/v2/volumes', DATA);
    const path = `/v2/volumes/${volume.id}`;
    const act = (body: object) => ask(sandbox, 'POST', `${path}/actions`, body);
    const [status, { action }] = await act({ type: 'attach', droplet_id: MAIL });
    expect([status, action.type, action.resource_id, 'of' in action]).toEqual([202, 'attach_volume', null, false]);
    expect(await ask(sandbox, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'reboot' })).toMatchObject([
      422,
      { message: 'Droplet already has a pending event.' },
    ]);
    pass(6);
    expect((await get(sandbox, path)).volume.droplet_ids).toEqual([MAIL]);
    expect((await get(sandbox, `/v2/droplets/${MAIL}`)).droplet.volume_ids).toEqual([volume.id]);
    expect(await ask(sandbox, 'DELETE', path)).toMatchObject([
      409,
      { message: "A volume that's attached to a Droplet cannot be deleted. Please detach it first before deleting." },
    ]);
    expect((await act({ type: 'resize', size_gigabytes: 10 }))[0]).toBe(422);
    await act({ type: 'resize', size_gigabytes: 20 });
    pass(9);
    expect((await get(sandbox, path)).volume.size_gigabytes).toBe(20);
    expect(await act({ type: 'detach', droplet_id: 1 })).toMatchObject([422, { message: 'Attachment not found' }]);
    await act({ type: 'detach', droplet_id: MAIL });
    pass(6);
    expect((await get(sandbox, path)).volume.droplet_ids).toEqual([]);
    expect((await get(sandbox, `/v2/droplets/${MAIL}`)).droplet.volume_ids).toEqual([]);
    expect((await send(sandbox, 'DELETE', path)).status).toBe(204);
  });

  it('outlives the droplet that it was made with', async () => {
    const sandbox = await start();
    const [, { volume }] = await ask(sandbox, 'POST', '/v2/volumes', DATA);
    const [, { droplet }] = await ask(sandbox, 'POST', '/v2/droplets', { ...SPEC, volumes: [volume.id] });
    expect((await get(sandbox, `/v2/volumes/${volume.id}`)).volume.droplet_ids).toEqual([droplet.id]);
    await send(sandbox, 'DELETE', `/v2/droplets/${droplet.id}`);
    expect((await get(sandbox, `/v2/volumes/${volume.id}`)).volume.droplet_ids).toEqual([]);
  });
});

describe('a reserved address', () => {
  it('is one in both families, another one each time, and a further public address of its droplet', async () => {
    const sandbox = await start();
    const [, { floating_ip: first }] = await ask(sandbox, 'POST', '/v2/floating_ips', { region: 'syd1' });
    await send(sandbox, 'DELETE', `/v2/floating_ips/${first.ip}`);
    const [status, { reserved_ip: second, links }] = await ask(sandbox, 'POST', '/v2/reserved_ips', {
      droplet_id: MAIL,
    });
    expect([status, second.droplet, second.locked, links.actions[0].rel]).toEqual([202, null, true, 'assign_ip']);
    expect(second.ip).not.toBe(first.ip);
    const { floating_ips } = await get(sandbox, '/v2/floating_ips');
    expect(floating_ips).toMatchObject([{ ip: second.ip, locked: false, droplet: { id: MAIL } }]);
    const { droplet } = await get(sandbox, `/v2/droplets/${MAIL}`);
    const publics = droplet.networks.v4.filter((each: any) => each.type === 'public');
    expect(publics.map((each: any) => each.ip_address)).toEqual([expect.stringMatching(/^170\.64\./), second.ip]);
    await send(sandbox, 'POST', `/v2/reserved_ips/${second.ip}/actions`, { type: 'unassign' });
    expect((await get(sandbox, `/v2/reserved_ips/${second.ip}`)).reserved_ip.droplet).toBeNull();
  });

  it('waits for the droplet, and does one thing at a time itself', async () => {
    const { sandbox, pass } = await startClocked();
    await send(sandbox, 'POST', `/v2/droplets/${MAIL}/actions`, { type: 'reboot' });
    expect((await ask(sandbox, 'POST', '/v2/reserved_ips', { droplet_id: MAIL }))[0]).toBe(422);
    expect(await get(sandbox, '/_sandbox/state/floatingIps')).toEqual({});
    pass(16);
    const [, { reserved_ip }] = await ask(sandbox, 'POST', '/v2/reserved_ips', { droplet_id: MAIL });
    const again = await ask(sandbox, 'POST', `/v2/reserved_ips/${reserved_ip.ip}/actions`, {
      type: 'assign',
      droplet_id: 302_114_404,
    });
    expect(again).toMatchObject([422, { message: 'The floating IP already has a pending event.' }]);
  });
});

describe('a firewall', () => {
  it('waits until a change has reached its droplets, and loses those that are destroyed', async () => {
    const { sandbox, pass } = await startClocked();
    const rule = { protocol: 'icmp', sources: { addresses: ['0.0.0.0/0'] } };
    const [, { firewall }] = await ask(sandbox, 'POST', '/v2/firewalls', {
      name: 'ping',
      inbound_rules: [rule],
      droplet_ids: [MAIL],
    });
    expect(firewall).toMatchObject({
      status: 'waiting',
      pending_changes: [{ droplet_id: MAIL, removing: false, status: 'waiting' }],
      inbound_rules: [{ ...rule, ports: '0' }],
    });
    pass(4);
    const path = `/v2/firewalls/${firewall.id}`;
    expect((await get(sandbox, path)).firewall).toMatchObject({ status: 'succeeded', pending_changes: [] });
    await send(sandbox, 'DELETE', `/v2/droplets/${MAIL}`);
    expect((await get(sandbox, path)).firewall.droplet_ids).toEqual([]);
  });

  it.each([
    [{ name: 'no rules' }],
    [{ name: 'web', inbound_rules: [] }],
    [{ name: 'web', inbound_rules: [{ protocol: 'tcp', ports: 22, sources: {} }] }],
    [{ name: 'web', inbound_rules: [{ protocol: 'tcp', ports: '22' }] }],
    [{ name: 'web', inbound_rules: [{ protocol: 'gre', ports: '0', sources: {} }] }],
    [{ name: 'web', inbound_rules: [{ protocol: 'tcp', ports: '22', sources: {} }], droplet_ids: [1] }],
    [{ name: 'web', inbound_rules: [{ protocol: 'tcp', ports: '22', sources: {} }], tags: ['none'] }],
  ])('is refused as %j', async (body) => {
    const sandbox = await start();
    expect((await ask(sandbox, 'POST', '/v2/firewalls', body))[0]).toBe(422);
    expect((await get(sandbox, '/v2/firewalls')).meta.total).toBe(1);
  });
});

describe('a load balancer', () => {
  it('gets its address once it is active, and balances what bears its tag', async () => {
    const { sandbox, pass } = await startClocked();
    const rule = { entry_protocol: 'http', entry_port: 80, target_protocol: 'http', target_port: 80 };
    const form = { name: 'edge', region: 'syd1', forwarding_rules: [rule], tag: 'web' };
    const [, { load_balancer: made }] = await ask(sandbox, 'POST', '/v2/load_balancers', form);
    const { project } = await get(sandbox, '/v2/projects/default');
    expect(made).toMatchObject({ status: 'new', ip: '', type: 'REGIONAL', project_id: project.id });
    pass(61);
    const { load_balancer: active } = await get(sandbox, `/v2/load_balancers/${made.id}`);
    expect([active.status, active.ip]).toEqual(['active', expect.stringMatching(/^170\.66\./)]);
    const tagged = (await get(sandbox, '/v2/droplets?tag_name=web')).droplets.map((each: any) => each.id);
    expect([active.droplet_ids, tagged.length > 0]).toEqual([tagged, true]);
  });

  it.each([[{ forwarding_rules: [] }], [{ region: 'mars1' }], [{ tag: 'none' }], [{ project_id: 'none' }]])(
    'is refused with %j, and nothing is made',
    async (change) => {
      const sandbox = await start();
      const rule = { entry_protocol: 'http', entry_port: 80, target_protocol: 'http', target_port: 80 };
      const form = { name: 'edge', region: 'syd1', forwarding_rules: [rule], ...change };
      const members = await get(sandbox, '/v2/projects/default/resources');
      expect((await ask(sandbox, 'POST', '/v2/load_balancers', form))[0]).toBe(422);
      expect((await get(sandbox, '/v2/load_balancers')).meta.total).toBe(0);
      expect(await get(sandbox, '/v2/projects/default/resources')).toEqual(members);
    },
  );
});

describe('a tag', () => {
  it('keeps the case of its first use, counts its bearers, and leaves them when it goes', async () => {
    const sandbox = await start();
    await send(sandbox, 'POST', '/v2/tags', { name: 'Fresh' });
    const [, { volume }] = await ask(sandbox, 'POST', '/v2/volumes', { ...DATA, tags: ['fresh'] });
    expect(volume.tags).toEqual(['Fresh']);
    const droplet = { resource_id: String(MAIL), resource_type: 'droplet' };
    await send(sandbox, 'POST', '/v2/tags/FRESH/resources', { resources: [droplet] });
    expect((await get(sandbox, '/v2/tags/fresh')).tag).toMatchObject({
      name: 'Fresh',
      resources: {
        count: 2,
        last_tagged_uri: `${sandbox.url}/v2/droplets/${MAIL}`,
        droplets: { count: 1 },
        volumes: { count: 1 },
      },
    });
    const unknown = { resource_id: '1', resource_type: 'droplet' };
    expect((await ask(sandbox, 'DELETE', '/v2/tags/fresh/resources', { resources: [droplet, unknown] }))[0]).toBe(404);
    expect((await get(sandbox, `/v2/droplets/${MAIL}`)).droplet.tags).toContain('Fresh');
    await send(sandbox, 'DELETE', '/v2/tags/fresh');
    expect((await get(sandbox, `/v2/droplets/${MAIL}`)).droplet.tags).not.toContain('Fresh');
    expect((await get(sandbox, `/v2/volumes/${volume.id}`)).volume.tags).toEqual([]);
  });
});
