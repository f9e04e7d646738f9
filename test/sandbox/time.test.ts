import { describe, expect, it } from '@jest/globals';
import { ask, get, MAIL, SPEC, send, startClocked } from './running-sandbox.js';

describe('time', () => {
  it('makes a droplet appear, become active, and only then get its public address', async () => {
    const { sandbox, pass } = await startClocked();
    const [status, { droplet, links }] = await ask(sandbox, 'POST', '/v2/droplets', SPEC);
    expect([status, droplet.status, droplet.networks]).toEqual([202, 'new', { v4: [], v6: [] }]);
    const path = `/v2/droplets/${droplet.id}`;
    const look = async () => {
      const { droplet: seen } = await get(sandbox, path);
      return [seen.status, seen.networks.v4.map((address: any) => address.type)];
    };
    const isListed = async () => (await get(sandbox, '/v2/droplets?tag_name=mine')).droplets.length === 1;
    expect([(await send(sandbox, 'GET', path)).status, await isListed()]).toEqual([404, false]);
    pass(3);
    expect([await look(), await isListed()]).toEqual([['new', []], true]);
    expect(await ask(sandbox, 'DELETE', path)).toMatchObject([
      422,
      { message: 'Droplet already has a pending event.' },
    ]);
    pass(33);
    expect(await look()).toEqual(['active', ['private']]);
    expect((await get(sandbox, `/v2/actions/${links.actions[0].id}`)).action).toMatchObject({
      status: 'completed',
      started_at: '2026-11-20T00:00:00Z',
      completed_at: '2026-11-20T00:00:35Z',
    });
    pass(5);
    expect(await look()).toEqual(['active', ['private', 'public']]);
  });

  it('leaves a new snapshot out of the listing for a while, and dates it as its action', async () => {
    const { sandbox, pass } = await startClocked();
    const totals = async () => [
      (await get(sandbox, '/v2/snapshots')).meta.total,
      (await get(sandbox, `/v2/droplets/${MAIL}/snapshots`)).snapshots.filter((each: any) => each.name === 's').length,
    ];
    const actions = `/v2/droplets/${MAIL}/actions`;
    const [, { action }] = await ask(sandbox, 'POST', actions, { type: 'snapshot', name: 's' });
    pass(36);
    expect((await get(sandbox, `${actions}/${action.id}`)).action.status).toBe('completed');
    expect(await totals()).toEqual([12, 0]);
    pass(12);
    expect(await totals()).toEqual([13, 1]);
    const { snapshots } = await get(sandbox, `/v2/droplets/${MAIL}/snapshots`);
    expect(snapshots.find((each: any) => each.name === 's').created_at).toBe(action.started_at);
  });

  it('lets a droplet do one thing at a time', async () => {
    const { sandbox, pass } = await startClocked();
    const act = (body: object) => ask(sandbox, 'POST', `/v2/droplets/${MAIL}/actions`, body);
    expect((await act({ type: 'reboot' }))[0]).toBe(201);
    expect(await act({ type: 'power_off' })).toMatchObject([422, { message: 'Droplet already has a pending event.' }]);
    pass(16);
    expect((await act({ type: 'power_off' }))[0]).toBe(201);
  });

  it('shows a power off on the droplet a little after its action is done', async () => {
    const { sandbox, pass } = await startClocked();
    const path = `/v2/droplets/${MAIL}`;
    const [, { action }] = await ask(sandbox, 'POST', `${path}/actions`, { type: 'power_off' });
    const look = async () => [
      (await get(sandbox, `/v2/actions/${action.id}`)).action.status,
      (await get(sandbox, path)).droplet.status,
    ];
    expect(await look()).toEqual(['in-progress', 'active']);
    pass(6);
    expect(await look()).toEqual(['completed', 'active']);
    expect((await ask(sandbox, 'POST', `${path}/actions`, { type: 'resize', size: 's-1vcpu-2gb' }))[0]).toBe(422);
    pass(2);
    expect(await look()).toEqual(['completed', 'off']);
  });
});
