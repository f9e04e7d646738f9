import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { DigitalOceanOptions, Page } from '../../../src/integrations/digitalocean/client.js';
import { publicIpv4 } from '../../../src/integrations/digitalocean/droplets.js';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/server.js';
import { clientOf } from './provider-server.js';

const SPEC = { name: 'web-9', region: 'syd1', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['saga:1', 'web'] };

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

/** The sandbox and a client of it; `sent` tells which requests it has answered. */
async function start(options: SandboxOptions = {}, overrides: Partial<DigitalOceanOptions> = {}) {
  const sandbox = await startSandbox({ timeScale: 0, rateLimit: null, ...options });
  running.push(sandbox);
  const administer = (method: string, path: string, body?: unknown) =>
    fetch(`${sandbox.url}/_sandbox/${path}`, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  return {
    ...clientOf(sandbox.url, overrides),
    fail: (fault: object) => administer('POST', 'faults', fault),
    async sent(): Promise<string[]> {
      const { requests } = (await (await administer('GET', 'requests')).json()) as {
        requests: { method: string; path: string; status: number }[];
      };
      return requests.map(({ method, path, status }) => `${method} ${path} ${status}`);
    },
  };
}

async function all<T>(pages: AsyncIterable<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  for await (const page of pages) items.push(...page.items);
  return items;
}

describe('the golden account', () => {
  it('is read whole', async () => {
    const { digitalOcean } = await start();
    const { sync, billing } = digitalOcean;
    const droplets = await all(sync.droplets.pages());
    expect(droplets.map((droplet) => droplet.status)).toEqual(Array(5).fill('active'));
    expect(droplets.map((droplet) => droplet.name)).toContain('git.sky-ai.com');
    const backups = await Promise.all(droplets.map((droplet) => all(sync.droplets.backups(droplet.id))));
    expect(backups.flat().map((backup) => backup.type)).toEqual(Array(4).fill('backup'));
    expect(await all(sync.domains.pages())).toHaveLength(7);
    expect(await all(sync.snapshots.pages())).toHaveLength(12);
    expect(await all(sync.firewalls.pages())).toHaveLength(1);
    await all(sync.volumes.pages());
    await all(sync.floatingIps.pages());
    await all(sync.loadBalancers.pages());
    expect(await all(sync.vpcs.pages())).toHaveLength(1);
    const projects = await all(sync.projects.pages());
    const members = (await Promise.all(projects.map((project) => all(sync.projects.resources(project.id))))).flat();
    expect(members.filter((member) => member.urn.startsWith('do:space:'))).toHaveLength(6);
    expect((await billing.balance.get()).month_to_date_usage).toBe('23.44');
  });

  it('has its billing history over many pages, and 137 invoices', async () => {
    const { digitalOcean } = await start();
    const { billing } = digitalOcean;
    let pages = 0;
    const entries = [];
    for await (const page of billing.billingHistory.pages()) {
      pages += 1;
      expect(page.page).toBe(pages);
      entries.push(...page.items);
      if (page.total !== null) expect(page.total).toBeGreaterThanOrEqual(137);
    }
    expect(pages).toBeGreaterThan(1);
    const invoices = await all(billing.invoices.pages());
    const uuids = invoices.map((invoice) => invoice.invoice_uuid);
    expect(new Set(uuids).size).toBe(137);
    expect(entries.flatMap((entry) => entry.invoice_uuid ?? []).sort()).toEqual([...uuids].sort());
  });

  it('has the invoice of April 2026 as CSV and as a summary', async () => {
    const { digitalOcean } = await start();
    const { invoices } = digitalOcean.billing;
    const april = (await all(invoices.pages())).find((invoice) => invoice.invoice_period === '2026-04');
    expect(april?.amount).toBe('86.92');
    const uuid = april?.invoice_uuid ?? '';
    const csv = await text(await invoices.csv(uuid));
    expect(csv.trim().split(/\r?\n/)).toHaveLength(34);
    expect(await invoices.summary(uuid)).toMatchObject({ amount: '86.92', taxes: { amount: '7.90' } });
  });
});

describe('a droplet', () => {
  it('is made, found by its tag, changed and destroyed', async () => {
    const { digitalOcean } = await start();
    const { droplets, actions } = digitalOcean.provisioning;
    const made = await droplets.create(SPEC);
    expect((await actions.get(made.createActionId ?? '')).status).toBe('completed');
    const [found, ...others] = await droplets.findByTag('saga:1');
    expect([found?.id, found?.status, others]).toEqual([made.id, 'active', []]);
    expect(found && publicIpv4(found)).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    await droplets.action(made.id, { type: 'power_off' });
    await droplets.action(made.id, { type: 'resize', size: 's-1vcpu-2gb', disk: false });
    await droplets.action(made.id, { type: 'rename', name: 'web-10' });
    expect(await droplets.get(made.id)).toMatchObject({ status: 'off', size_slug: 's-1vcpu-2gb', name: 'web-10' });
    await droplets.action(made.id, { type: 'snapshot', name: 'arcadia-snap-1' });
    const [snapshot] = await all(droplets.snapshots(made.id));
    expect(snapshot).toMatchObject({ name: 'arcadia-snap-1', type: 'snapshot' });
    expect(await digitalOcean.sync.snapshots.get(snapshot?.id ?? '')).toMatchObject({ resource_id: made.id });
    const history = (await all(droplets.actions(made.id))).map((action) => action.type).sort();
    expect(history).toEqual(['create', 'power_off', 'rename', 'resize', 'snapshot']);
    await droplets.destroy(made.id);
    await droplets.destroy(made.id);
    await expect(droplets.get(made.id)).rejects.toMatchObject({ failure: { status: 404 } });
    await digitalOcean.provisioning.snapshots.delete(snapshot?.id ?? '');
    await digitalOcean.provisioning.snapshots.delete(snapshot?.id ?? '');
    expect(await all(digitalOcean.sync.snapshots.pages())).toHaveLength(12);
  });

  it('whose creation lost its answer was asked for once, and is found by its tag', async () => {
    const { digitalOcean, fail, sent, waits } = await start();
    const { droplets } = digitalOcean.provisioning;
    await fail({ method: 'POST', path: '/v2/droplets', dropAfterActing: true });
    await expect(droplets.create(SPEC)).rejects.toMatchObject({ failure: { status: null, retryable: true } });
    expect(await droplets.findByTag('saga:1')).toHaveLength(1);
    expect((await sent()).filter((each) => each.startsWith('POST'))).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('whose destruction lost its answer is gone, by asking again', async () => {
    const { digitalOcean, fail, sent } = await start();
    const { droplets } = digitalOcean.provisioning;
    const { id } = await droplets.create(SPEC);
    await fail({ method: 'DELETE', path: `/v2/droplets/${id}`, dropAfterActing: true });
    await droplets.destroy(id);
    expect((await sent()).at(-1)).toBe(`DELETE /v2/droplets/${id} 404`);
    expect(await droplets.findByTag('saga:1')).toEqual([]);
  });

  it('whose creation met a 503 was asked for once; one that met a 429 is made all the same', async () => {
    const { digitalOcean, fail, sent, waits } = await start();
    const { droplets } = digitalOcean.provisioning;
    await fail({ method: 'POST', path: '/v2/droplets', status: 503 });
    await expect(droplets.create(SPEC)).rejects.toMatchObject({ failure: { status: 503, retryable: true } });
    await fail({ method: 'POST', path: '/v2/droplets', status: 429, retryAfter: 4 });
    await droplets.create(SPEC);
    expect(await sent()).toEqual(['POST /v2/droplets 503', 'POST /v2/droplets 429', 'POST /v2/droplets 202']);
    expect(waits).toEqual([4_000]);
    expect(await droplets.findByTag('saga:1')).toHaveLength(1);
  });

  it('that another action holds is refused for now', async () => {
    const { digitalOcean } = await start({ timeScale: 1 });
    const { droplets } = digitalOcean.provisioning;
    const [droplet] = await all(droplets.pages());
    await droplets.action(droplet?.id ?? '', { type: 'power_off' });
    await expect(droplets.action(droplet?.id ?? '', { type: 'reboot' })).rejects.toMatchObject({
      failure: { status: 422, providerErrorId: 'unprocessable_entity', retryable: true },
    });
  });

  it('bears a tag that did not exist before, and not once it is taken off', async () => {
    const { digitalOcean } = await start();
    const { droplets, tags } = digitalOcean.provisioning;
    const { id } = await droplets.create(SPEC);
    await tags.tagDroplet(id, 'fresh:1');
    await tags.tagDroplet(id, 'fresh:1');
    expect((await droplets.findByTag('fresh:1')).map((droplet) => droplet.id)).toEqual([id]);
    await tags.untagDroplet(id, 'fresh:1');
    await tags.untagDroplet(id, 'never-made');
    expect(await droplets.findByTag('fresh:1')).toEqual([]);
  });
});

describe('a DNS record', () => {
  it.each([
    { type: 'CNAME', name: 'alias', data: 'web.example.com' },
    { type: 'MX', name: '@', data: 'mail.example.com', priority: 10 },
    { type: 'TXT', name: 'note', data: 'ends with a dot.' },
    { type: 'A', name: 'deep.down', data: '203.0.113.7', ttl: 60 },
  ])('of type $type reads as it was written, from creation to deletion', async (record) => {
    const { digitalOcean } = await start();
    const { records } = digitalOcean.provisioning.domains;
    const ids = async () => (await all(records.pages('sky-ai.com'))).map((each) => each.id);
    const before = await ids();
    const made = await records.create('sky-ai.com', record);
    expect(made).toMatchObject(record);
    const fullName = record.name === '@' ? 'sky-ai.com' : `${record.name}.sky-ai.com`;
    for (const name of [record.name, fullName, `${fullName}.`]) {
      const found = await records.find('sky-ai.com', { type: record.type, name });
      expect(found).toContainEqual(made);
    }
    const updated = await records.update('sky-ai.com', made.id, { ...made, ttl: 300 });
    expect(updated).toEqual({ ...made, ttl: 300 });
    await records.delete('sky-ai.com', made.id);
    await records.delete('sky-ai.com', made.id);
    expect(await ids()).toEqual(before);
  });
});

describe('a project', () => {
  it('is made and takes a droplet in', async () => {
    const { digitalOcean } = await start();
    const { projects } = digitalOcean.sync;
    const made = await projects.create({ name: 'new-internal', purpose: 'Operational tooling' });
    const droplet = (await all(digitalOcean.sync.droplets.pages()))[0]?.id;
    const assigned = await projects.assign(made.id, [`do:droplet:${droplet}`]);
    expect(assigned.map((member) => [member.urn, member.status])).toEqual([[`do:droplet:${droplet}`, 'assigned']]);
    expect((await all(projects.resources(made.id))).map((member) => member.urn)).toEqual([`do:droplet:${droplet}`]);
  });
});

describe('trouble', () => {
  it('that passes is waited out', async () => {
    const { digitalOcean, fail, sent, waits } = await start();
    await fail({ method: 'GET', path: '/v2/droplets', times: 2, status: 502, body: '<html>Bad Gateway</html>' });
    expect(await all(digitalOcean.sync.droplets.pages())).toHaveLength(5);
    expect(await sent()).toEqual(['GET /v2/droplets 502', 'GET /v2/droplets 502', 'GET /v2/droplets 200']);
    expect(waits).toEqual([500, 1_000]);
  });

  it('in the middle of a list fails the list after its limit of tries', async () => {
    const { digitalOcean, fail } = await start();
    await fail({
      method: 'GET',
      path: '/v2/customers/my/billing_history',
      query: { page: '2' },
      times: 5,
      status: 500,
    });
    await expect(all(digitalOcean.billing.billingHistory.pages())).rejects.toMatchObject({
      failure: { endpoint: 'GET /v2/customers/my/billing_history', status: 500, retryable: true },
    });
  });

  it('of an answer that takes too long is met by asking again', async () => {
    const { digitalOcean, fail } = await start({}, { timeoutMs: 200 });
    await fail({ method: 'GET', path: '/v2/customers/my/balance', delayMs: 2_000 });
    expect((await digitalOcean.billing.balance.get()).account_balance).toMatch(/^-?\d+\.\d\d$/);
  });
});

describe('the rate limit', () => {
  it('of a burst is waited for, and everything asked for is answered', async () => {
    let nowMs = Date.now();
    const waits: number[] = [];
    const { digitalOcean, sent } = await start(
      { rateLimit: { perHour: 5_000, perMinute: 5 }, now: () => nowMs },
      {
        clock: () => new Date(nowMs),
        sleep: async (ms) => {
          waits.push(ms);
          nowMs += ms;
        },
      },
    );
    for (let count = 0; count < 12; count++) await digitalOcean.sync.balance.get();
    const statuses = (await sent()).map((each) => each.split(' ')[2]);
    expect(statuses.filter((status) => status === '200')).toHaveLength(12);
    expect(statuses.filter((status) => status === '429')).toHaveLength(2);
    expect(waits).toEqual([60_000, 60_000]);
  });

  it('of one purpose stops no other', async () => {
    let nowMs = Date.now();
    let wake = () => {};
    let waiting = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const { digitalOcean } = await start(
      { rateLimit: { perHour: 5_000, perMinute: 3 }, now: () => nowMs },
      {
        clock: () => new Date(nowMs),
        sleep: (ms) =>
          new Promise((resolve) => {
            wake = () => {
              nowMs += ms;
              resolve();
            };
            waiting();
          }),
      },
    );
    for (let count = 0; count < 3; count++) await digitalOcean.sync.balance.get();
    let synced = false;
    const fourth = digitalOcean.sync.balance.get().then(() => {
      synced = true;
    });
    await isWaiting;
    const { id } = await digitalOcean.provisioning.droplets.create(SPEC);
    expect((await digitalOcean.provisioning.droplets.get(id)).name).toBe('web-9');
    await digitalOcean.billing.balance.get();
    expect(synced).toBe(false);
    wake();
    await fourth;
    expect(synced).toBe(true);
  });
});
