import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DigitalOceanClient, Page } from '../../../src/integrations/digitalocean/client.js';
import { clientOf, json, type ProviderServer, startProviderServer } from './provider-server.js';

const DOCUMENT = '../shared/digitalocean/openapi.json';
const BILLING = '/v2/customers/my';

interface MediaType {
  readonly example?: unknown;
  readonly examples?: Record<string, { value: unknown } | { $ref: string }>;
  readonly schema?: { readonly example?: unknown };
}

async function first<T>(pages: AsyncIterable<Page<T>>): Promise<T[]> {
  for await (const { items } of pages) return items;
  return [];
}

/** Which call reads the answer of which operation. */
const READERS: Record<string, (client: DigitalOceanClient) => Promise<unknown>> = {
  'get /v2/droplets': (client) => first(client.droplets.pages()),
  'get /v2/droplets/{droplet_id}': (client) => client.droplets.get('1'),
  'get /v2/droplets/{droplet_id}/backups': (client) => first(client.droplets.backups('1')),
  'get /v2/droplets/{droplet_id}/snapshots': (client) => first(client.droplets.snapshots('1')),
  'get /v2/droplets/{droplet_id}/actions': (client) => first(client.droplets.actions('1')),
  'get /v2/snapshots': (client) => first(client.snapshots.pages()),
  'get /v2/domains/{domain_name}/records': (client) => first(client.domains.records.pages('example.com')),
  'get /v2/volumes': (client) => first(client.volumes.pages()),
  'get /v2/firewalls': (client) => first(client.firewalls.pages()),
  'get /v2/load_balancers': (client) => first(client.loadBalancers.pages()),
  'get /v2/vpcs': (client) => first(client.vpcs.pages()),
  'get /v2/monitoring/metrics/droplet/bandwidth': (client) =>
    client.monitoring.outboundBandwidth('1', { start: 0, end: 1 }),
  [`get ${BILLING}/balance`]: (client) => client.balance.get(),
  [`get ${BILLING}/invoices/{invoice_uuid}/summary`]: (client) => client.invoices.summary('1'),
};

const suite = existsSync(DOCUMENT) ? describe : describe.skip;

suite(`the examples of ${DOCUMENT}, where it is at hand`, () => {
  const document = existsSync(DOCUMENT) ? JSON.parse(readFileSync(DOCUMENT, 'utf8')) : {};
  let provider: ProviderServer;
  beforeAll(async () => {
    provider = await startProviderServer();
  });
  afterAll(() => provider.stop());

  function resolve(node: object): object {
    if (!('$ref' in node) || typeof node.$ref !== 'string') return node;
    const steps = node.$ref.slice(2).split('/');
    return resolve(steps.reduce((at, step) => at[step.replaceAll('~1', '/').replaceAll('~0', '~')], document));
  }

  function examplesOf(operation: string): unknown[] {
    const [method = '', path = ''] = operation.split(' ');
    const answer = resolve(document.paths[path][method].responses['200']) as { content: Record<string, MediaType> };
    const { schema, example = schema?.example, examples = {} } = answer.content['application/json'] ?? {};
    const named = Object.values(examples).map((each) => (resolve(each) as { value: unknown }).value);
    return example === undefined ? named : [example, ...named];
  }

  it.each(Object.entries(READERS))('are readable: %s', async (operation, read) => {
    const examples = examplesOf(operation);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      provider.answer((_request, response) => json(response, example));
      const answer = await read(clientOf(provider.url).digitalOcean.sync);
      expect(answer).toBeTruthy();
      if (Array.isArray(answer)) expect(answer.length).toBeGreaterThan(0);
    }
  });
});
