import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { goldenAccount } from '../../src/sandbox/golden/account.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.js';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});
async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ timeScale: 0, rateLimit: null, ...options });
  running.push(sandbox);
  return sandbox;
}
const send = (sandbox: Pick<Sandbox, 'url'>, method: string, path: string, body?: unknown) =>
  fetch(`${sandbox.url}${path}`, {
    method,
    headers: { authorization: 'Bearer any' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const json = async (sandbox: Pick<Sandbox, 'url'>, path: string): Promise<any> =>
  (await send(sandbox, 'GET', path)).json();
const SPEC = { name: 'web-1', region: 'syd1', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['mine'] };

describe('the golden account', () => {
  const { billing, ...account } = goldenAccount();
  it('holds what the inventory is to find', () => {
    const members = Object.values(account.projects).flatMap((project) => project.members.map((member) => member.urn));
    expect(
      Object.values(account.droplets).every(
        (droplet) => droplet['status'] === 'active' && String(droplet['created_at']) < '2026',
      ),
    ).toBe(true);
    expect({
      droplets: Object.keys(account.droplets).length,
      zones: Object.keys(account.domains).length,
      snapshots: Object.keys(account.snapshots).length,
      firewalls: Object.keys(account.firewalls).length,
      backups: Object.values(account.backups).flat().length,
      buckets: members.filter((urn) => urn.startsWith('do:space:')).length,
    }).toEqual({ droplets: 5, zones: 7, snapshots: 12, firewalls: 1, backups: 4, buckets: 6 });
    expect(new Set(members).size).toBe(members.length);
  });

  it('has 137 invoices back to 2014, each the sum of its lines', () => {
    expect(billing.invoices).toHaveLength(137);
    expect(new Set(billing.invoices.map((invoice) => invoice.uuid)).size).toBe(137);
    expect(billing.invoices.at(-1)?.period).toBe('2014-12');
    for (const invoice of billing.invoices) {
      expect(invoice.lines.reduce((sum, line) => sum + line.cents, 0)).toBe(invoice.totalCents);
      expect(invoice.totalCents).toBeGreaterThan(0);
    }
    expect(billing.invoices.filter((invoice) => invoice.period === '2024-11')).toHaveLength(2);
  });

  it('has the April of 2026 to the cent', () => {
    const april = billing.invoices.find((invoice) => invoice.period === '2026-04');
    const lines = april?.lines ?? [];
    const names = Object.values(account.droplets).map((droplet) => `${droplet['name']} (`);
    const ofDroplets = lines.filter(
      (line) =>
        line.product.startsWith('Droplet') &&
        !line.product.endsWith('Snapshots') &&
        names.some((name) => line.description.startsWith(name)),
    );
    expect([lines.length, april?.totalCents, lines.find((line) => line.product === 'Taxes')?.cents]).toEqual([
      33, 8692, 790,
    ]);
    expect(ofDroplets.reduce((sum, line) => sum + line.cents, 0)).toBe(3053);
  });
});

describe('time', () => {
  it('makes a droplet appear, become active, and only then get its address', async () => {
    let now = Date.parse('2026-11-20T00:00:00Z');
    const sandbox = await start({ timeScale: 1, now: () => now });
    const { droplet, links } = (await (await send(sandbox, 'POST', '/v2/droplets', SPEC)).json()) as any;
    expect(droplet).toMatchObject({ status: 'new', networks: { v4: [] } });
    expect((await send(sandbox, 'GET', `/v2/droplets/${droplet.id}`)).status).toBe(404);
    now += 3_000;
    expect((await json(sandbox, `/v2/droplets/${droplet.id}`)).droplet.status).toBe('new');
    expect((await send(sandbox, 'DELETE', `/v2/droplets/${droplet.id}`)).status).toBe(422);
    now += 33_000;
    const active = (await json(sandbox, `/v2/droplets/${droplet.id}`)).droplet;
    expect([active.status, active.networks.v4.length]).toEqual(['active', 0]);
    expect((await json(sandbox, `/v2/actions/${links.actions[0].id}`)).action.status).toBe('completed');
    now += 5_000;
    expect((await json(sandbox, `/v2/droplets/${droplet.id}`)).droplet.networks.v4).toMatchObject([{ type: 'public' }]);
  });

  it('leaves a new snapshot out of the listing for a while, and does one action at a time', async () => {
    let now = Date.parse('2026-11-20T00:00:00Z');
    const sandbox = await start({ timeScale: 1, now: () => now });
    const snapshots = async () => (await json(sandbox, '/v2/snapshots')).meta.total;
    const act = (body: object) => send(sandbox, 'POST', '/v2/droplets/231908303/actions', body);
    expect((await act({ type: 'snapshot', name: 's' })).status).toBe(201);
    const busy = await act({ type: 'power_off' });
    expect([busy.status, await busy.json()]).toMatchObject([422, { message: 'Droplet already has a pending event.' }]);
    now += 36_000;
    expect(await snapshots()).toBe(12);
    now += 12_000;
    expect(await snapshots()).toBe(13);
  });
});

describe('faults', () => {
  const fault = (sandbox: Sandbox, body: object) => send(sandbox, 'POST', '/_sandbox/faults', body);

  it('answer a status as often as they are told, past those that may pass', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'GET', path: '/v2/drop*', times: 2, skip: 1, status: 503 });
    const statuses = [];
    for (let n = 0; n < 4; n++) statuses.push((await send(sandbox, 'GET', '/v2/droplets')).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
  });

  it('tell when to come back', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: '*', path: '/v2/account', status: 429, retryAfter: 7 });
    const answer = await send(sandbox, 'GET', '/v2/account');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7']);
  });

  it('lose the answer after acting', async () => {
    const sandbox = await start();
    await fault(sandbox, { method: 'POST', path: '/v2/droplets', dropAfterActing: true });
    await expect(send(sandbox, 'POST', '/v2/droplets', SPEC)).rejects.toThrow('fetch failed');
    expect((await json(sandbox, '/v2/droplets?tag_name=mine')).droplets).toHaveLength(1);
  });

  it('are refused where they make no sense, cleared, and gone after a reset', async () => {
    const sandbox = await start();
    expect((await fault(sandbox, { method: 'GET', path: 'v2' })).status).toBe(400);
    expect((await fault(sandbox, { method: 'GET', path: '/v2/account' })).status).toBe(400);
    await fault(sandbox, { method: 'GET', path: '/v2/account', status: 500 });
    await send(sandbox, 'DELETE', '/_sandbox/faults');
    expect((await send(sandbox, 'GET', '/v2/account')).status).toBe(200);
    await send(sandbox, 'DELETE', '/v2/droplets/231908303');
    await send(sandbox, 'POST', '/_sandbox/reset');
    expect((await json(sandbox, '/_sandbox/requests')).requests).toEqual([]);
    expect((await json(sandbox, '/v2/droplets')).meta.total).toBe(5);
    const [request] = (await json(sandbox, '/_sandbox/requests')).requests;
    expect(request).toEqual({ method: 'GET', path: '/v2/droplets', query: '', status: 200, time: expect.any(String) });
  });
});

it('a token that asks too often is told to wait, another one is not', async () => {
  const sandbox = await start({ rateLimit: { perHour: 100, perMinute: 2 } });
  const ask = (token: string) => fetch(`${sandbox.url}/v2/account`, { headers: { authorization: `Bearer ${token}` } });
  expect([(await ask('a')).status, (await ask('a')).status]).toEqual([200, 200]);
  const refused = await ask('a');
  expect([refused.status, ((await refused.json()) as any).id]).toEqual([429, 'too_many_requests']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await ask('b')).status).toBe(200);
  expect((await fetch(`${sandbox.url}/v2/account`)).status).toBe(401);
});

describe('the state', () => {
  it('survives a kill and a restart', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
    const child = spawn(process.execPath, ['--import', './scripts/swc-register.js', 'src/main.ts', 'sandbox'], {
      env: { PATH: process.env['PATH'], DATA_DIR: directory, SANDBOX_TIME_SCALE: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    const url = /http:\S+/.exec(String(line))?.[0] as string;
    expect((await send({ url }, 'POST', '/v2/droplets', SPEC)).status).toBe(202);
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const sandbox = await start({ stateDir: join(directory, 'sandbox') });
    expect((await json(sandbox, '/v2/droplets?tag_name=mine')).droplets).toMatchObject([
      { name: 'web-1', status: 'active' },
    ]);
    await rm(directory, { recursive: true });
  });
});
