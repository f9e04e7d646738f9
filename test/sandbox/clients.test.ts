import { text } from 'node:stream/consumers';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { createApiClient } from 'dots-wrapper';
import type { Sandbox } from '../../src/sandbox/server.js';
import { start } from './running-sandbox.js';

/** Its package offers TypeScript sources as its types, which do not pass our compiler's checks: so it is imported untyped. */
const DOTS: string = '@digitalocean/dots';
const KIOTA: string = '@microsoft/kiota-http-fetchlibrary';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await start();
});

describe('dots-wrapper, an independent client', () => {
  const client = () => createApiClient({ token: 'any', endpoint: `${sandbox.url}/v2` });

  it('lists the golden account', async () => {
    const { droplet, domain, snapshot, firewall, project, customer } = client();
    expect((await droplet.listDroplets({})).data.droplets.map((each) => each.name)).toContain('git.sky-ai.com');
    expect((await domain.listDomains({})).data.domains).toHaveLength(7);
    expect((await snapshot.listSnapshots({})).data.snapshots).toHaveLength(12);
    expect((await firewall.listFirewalls({})).data.firewalls).toHaveLength(1);
    expect((await project.listProjects({})).data.projects.map((each) => each.name)).toContain('holy-spirit-parish');
    expect((await customer.getBalance()).data.month_to_date_usage).toBe('23.44');
  });

  it('takes a droplet through its life', async () => {
    const { droplet } = client();
    const made = await droplet.createDroplet({
      name: 'life-1',
      region: 'syd1',
      size: 's-1vcpu-1gb',
      image: 'ubuntu-24-04-x64',
      tags: ['t:1'],
    } as never);
    const id = (made.data as { droplet: { id: number } }).droplet.id;
    const { data } = await droplet.getDroplet({ droplet_id: id });
    expect(data.droplet.status).toBe('active');
    expect(data.droplet.networks.v4.map((address) => address.type)).toContain('public');
    await droplet.powerOffDroplet({ droplet_id: id });
    await droplet.resizeDroplet({ droplet_id: id, size: 's-1vcpu-2gb', disk: false } as never);
    const resized = (await droplet.getDroplet({ droplet_id: id })).data.droplet;
    expect([resized.status, resized.size_slug, resized.disk]).toEqual(['off', 's-1vcpu-2gb', 25]);
    await droplet.deleteDroplet({ droplet_id: id });
    await expect(droplet.getDroplet({ droplet_id: id })).rejects.toMatchObject({
      response: { status: 404, data: { id: 'not_found' } },
    });
  });
});

describe('dots-wrapper, on what is not a droplet,', () => {
  const client = () => createApiClient({ token: 'any', endpoint: `${sandbox.url}/v2` });

  it('keeps a zone with its records', async () => {
    const { domain } = client();
    const zone = { domain_name: 'wrapped.example' };
    await domain.createDomain({ name: 'wrapped.example', ip_address: '203.0.113.9' });
    const record = { ...zone, type: 'CNAME', name: 'www', data: 'host.example.' } as const;
    const { data } = await domain.createDomainRecord(record as never);
    await expect(
      domain.createDomainRecord({ ...record, name: 'other', data: 'host.example' } as never),
    ).rejects.toMatchObject({ response: { status: 422, data: { message: 'Data needs to end with a dot (.)' } } });
    const listed = (await domain.listDomainRecords({ ...zone, per_page: 200 })).data.domain_records;
    expect(listed.map((each) => each.type)).toEqual(['SOA', 'NS', 'NS', 'NS', 'A', 'CNAME']);
    expect(listed.at(-1)?.data).toBe('host.example');
    await domain.deleteDomainRecord({ ...zone, domain_record_id: data.domain_record.id });
    await domain.deleteDomain({ name: 'wrapped.example' });
    expect((await domain.listDomains({})).data.domains).toHaveLength(7);
  });

  it('attaches a volume, assigns an address, and moves the droplet with them', async () => {
    const { volume, floatingIp, project } = client();
    const made = await volume.createVolume({ name: 'wrapped', size_gigabytes: 5, region: 'syd1' } as never);
    const { id } = made.data.volume;
    await volume.attachVolumeToDroplet({ volume_id: id, droplet_id: 302_114_404 } as never);
    expect((await volume.getVolume({ volume_id: id })).data.volume.droplet_ids).toEqual([302_114_404]);
    await floatingIp.createFloatingIp({ droplet_id: 302_114_404 });
    const [address] = (await floatingIp.listFloatingIps({})).data.floating_ips;
    expect(address?.droplet?.id).toBe(302_114_404);
    const { data } = await project.createProject({ name: 'wrapped', purpose: 'IoT' } as never);
    await project.assignResourcesToProject({ project_id: data.project.id, resources: ['do:droplet:302114404'] });
    const members = (await project.listProjectResources({ project_id: data.project.id })).data.resources;
    expect(members.map((member) => member.urn).sort()).toEqual(
      ['do:droplet:302114404', `do:volume:${id}`, `do:floatingip:${address?.ip}`].sort(),
    );
  });

  it('downloads an invoice', async () => {
    const { customer } = client();
    const [newest] = (await customer.listInvoices({})).data.invoices;
    const input = { invoice_uuid: String(newest?.invoice_uuid), format: 'csv' } as const;
    const csv = await text((await customer.downloadInvoice(input)).data as never);
    expect(csv.trim().split('\n')).toHaveLength(34);
  });
});

describe('@digitalocean/dots, the official client', () => {
  /** In an object: an async function that returned the client itself would look for its `then`, at which it throws. */
  const client = async () => {
    const { createDigitalOceanClient, DigitalOceanApiKeyAuthenticationProvider } = await import(DOTS);
    const { FetchRequestAdapter } = await import(KIOTA);
    const adapter = new FetchRequestAdapter(new DigitalOceanApiKeyAuthenticationProvider('any'));
    adapter.baseUrl = sandbox.url;
    return { client: createDigitalOceanClient(adapter) };
  };

  it('reads droplets, snapshots, records and invoices', async () => {
    const { v2 } = (await client()).client;
    expect((await v2.droplets.get())?.droplets).toHaveLength(5);
    expect((await v2.snapshots.get())?.snapshots).toHaveLength(12);
    expect((await v2.domains.get())?.domains).toHaveLength(7);
    const invoices = await v2.customers.my.invoices.get({ queryParameters: { perPage: 200 } });
    expect(invoices?.invoices).toHaveLength(137);
    expect(invoices?.invoices?.[0]).toMatchObject({ amount: '86.92', invoicePeriod: '2026-04' });
  });

  it('takes a snapshot, though it says the type twice', async () => {
    const { v2 } = (await client()).client;
    await v2.droplets.byDroplet_id(231_908_303).actions.post({ type: 'snapshot', name: 'by-dots' } as never);
    const snapshots = await v2.droplets.byDroplet_id(231_908_303).snapshots.get();
    expect(snapshots?.snapshots?.map((each: any) => each.name)).toContain('by-dots');
  });
});
