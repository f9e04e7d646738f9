import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderError } from '../../../src/errors.js';
import type { DigitalOceanClient } from '../../../src/integrations/digitalocean/client.js';
import { hasOpenApi, readOpenApi } from '../../support/openapi.js';
import { clientOf, type ProviderServer, startProviderServer } from './provider-server.js';

async function all(pages: AsyncIterable<unknown>): Promise<void> {
  for await (const _page of pages);
}

const UUID = '4e1bfbc3-dc3e-41f2-a18f-1b4d7ba71679';
const SPEC = { name: 'web-1', region: 'syd1', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['saga:1', 'x'] };

/** Each request that the client can send, by the call that sends it. */
const CALLS: Record<string, (client: DigitalOceanClient) => Promise<unknown>> = {
  'actions.get': (client) => client.actions.get('36804636'),
  'balance.get': (client) => client.balance.get(),
  'billingHistory.pages': (client) => all(client.billingHistory.pages()),
  'domains.pages': (client) => all(client.domains.pages()),
  'domains.get': (client) => client.domains.get('sky-ai.com'),
  'domains.records.pages': (client) => all(client.domains.records.pages('sky-ai.com')),
  'domains.records.find': (client) => client.domains.records.find('sky-ai.com', { type: 'A', name: 'www' }),
  'domains.records.create A': (client) =>
    client.domains.records.create('sky-ai.com', { type: 'A', name: 'www', data: '203.0.113.7', ttl: 60 }),
  'domains.records.create CNAME': (client) =>
    client.domains.records.create('sky-ai.com', { type: 'CNAME', name: 'www', data: 'web.example.com' }),
  'domains.records.create MX': (client) =>
    client.domains.records.create('sky-ai.com', { type: 'MX', name: '@', data: 'mail.example.com', priority: 10 }),
  'domains.records.update': (client) =>
    client.domains.records.update('sky-ai.com', '28448433', { type: 'A', name: 'www', data: '203.0.113.8' }),
  'domains.records.delete': (client) => client.domains.records.delete('sky-ai.com', '28448433'),
  'droplets.pages': (client) => all(client.droplets.pages()),
  'droplets.pages of GPUs': (client) => all(client.droplets.pages({ type: 'gpus' })),
  'droplets.get': (client) => client.droplets.get('3164444'),
  'droplets.findByTag': (client) => client.droplets.findByTag('saga:1'),
  'droplets.create': (client) => client.droplets.create(SPEC),
  'droplets.create with all': (client) =>
    client.droplets.create({
      ...SPEC,
      image: '63663980',
      sshKeys: ['289794', '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45'],
      backups: true,
      ipv6: true,
      monitoring: true,
      vpcUuid: UUID,
      userData: '#cloud-config',
    }),
  'droplets.destroy': (client) => client.droplets.destroy('3164444'),
  'droplets.action power_off': (client) => client.droplets.action('3164444', { type: 'power_off' }),
  'droplets.action snapshot': (client) => client.droplets.action('3164444', { type: 'snapshot', name: 's' }),
  'droplets.action rename': (client) => client.droplets.action('3164444', { type: 'rename', name: 'web-2' }),
  'droplets.action resize': (client) =>
    client.droplets.action('3164444', { type: 'resize', size: 's-1vcpu-2gb', disk: false }),
  'droplets.actions': (client) => all(client.droplets.actions('3164444')),
  'droplets.backups': (client) => all(client.droplets.backups('3164444')),
  'droplets.snapshots': (client) => all(client.droplets.snapshots('3164444')),
  'firewalls.pages': (client) => all(client.firewalls.pages()),
  'floatingIps.pages': (client) => all(client.floatingIps.pages()),
  'invoices.pages': (client) => all(client.invoices.pages()),
  'invoices.csv': (client) => client.invoices.csv(UUID),
  'invoices.summary': (client) => client.invoices.summary(UUID),
  'loadBalancers.pages': (client) => all(client.loadBalancers.pages()),
  'monitoring.outboundBandwidth': (client) =>
    client.monitoring.outboundBandwidth('17209102', { start: 1620683817, end: 1620705417 }),
  'projects.pages': (client) => all(client.projects.pages()),
  'projects.resources': (client) => all(client.projects.resources(UUID)),
  'projects.create': (client) =>
    client.projects.create({ name: 'skyai-internal', purpose: 'Service or API', environment: 'Production' }),
  'projects.assign': (client) => client.projects.assign(UUID, ['do:droplet:3164444', 'do:domain:sky-ai.com']),
  'snapshots.pages': (client) => all(client.snapshots.pages({ resource_type: 'volume' })),
  'snapshots.get': (client) => client.snapshots.get('67512819'),
  'snapshots.delete': (client) => client.snapshots.delete(UUID),
  'tags.tagDroplet': (client) => client.tags.tagDroplet('3164444', 'saga:1'),
  'tags.untagDroplet': (client) => client.tags.untagDroplet('3164444', 'saga:1'),
  'volumes.pages': (client) => all(client.volumes.pages()),
  'vpcs.pages': (client) => all(client.vpcs.pages()),
};

const suite = hasOpenApi ? describe : describe.skip;

suite('every request that the client sends, where the official document is at hand', () => {
  const openApi = hasOpenApi ? readOpenApi() : (null as never);
  let provider: ProviderServer;
  beforeAll(async () => {
    provider = await startProviderServer();
    provider.answer((_request, response) => response.writeHead(404).end());
  });
  afterAll(() => provider.stop());

  it('has a call here', () => {
    const { digitalOcean } = clientOf(provider.url);
    const methods = Object.entries(digitalOcean.sync)
      .flatMap(([group, value]) => (typeof value === 'function' ? [] : methodsOf(group, value)))
      .sort();
    const called = new Set(Object.keys(CALLS).map((name) => name.split(' ')[0]));
    expect([...called].sort()).toEqual(methods);
  });

  it.each(Object.entries(CALLS))('is as DigitalOcean documents it: %s', async (_name, call) => {
    provider.received.length = 0;
    const { digitalOcean } = clientOf(provider.url);
    // Everything is answered with 404: what was sent is all that counts here.
    await call(digitalOcean.sync).catch((error: unknown) => {
      if (!(error instanceof ProviderError)) throw error;
    });
    expect(provider.received.length).toBeGreaterThan(0);
    for (const { method, url, body } of provider.received) {
      const { pathname, searchParams } = new URL(url, provider.url);
      const query = Object.fromEntries(searchParams);
      expect(openApi.validateRequest(method, pathname, query, body ? JSON.parse(body) : undefined)).toEqual([]);
    }
  });
});

function methodsOf(prefix: string, group: object): string[] {
  return Object.entries(group).flatMap(([name, value]) =>
    typeof value === 'function' ? [`${prefix}.${name}`] : methodsOf(`${prefix}.${name}`, value),
  );
}
