import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDigitalOcean, type DigitalOceanOptions } from '../../../src/integrations/digitalocean/client.js';

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export type Handler = (request: Received, response: ServerResponse, earlier: number) => void;

/** A provider that answers as the test says, for what no well-behaved imitation would do. */
export interface ProviderServer {
  readonly url: string;
  readonly received: Received[];
  answer(handler: Handler): void;
  stop(): Promise<void>;
}

export async function startProviderServer(): Promise<ProviderServer> {
  const received: Received[] = [];
  let handler: Handler = (_request, response) => json(response, {});
  const server = createServer(async (request, response) => {
    const earlier = received.length;
    const seen = await readRequest(request);
    received.push(seen);
    handler(seen, response, earlier);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(next) {
      received.length = 0;
      handler = next;
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString(),
  };
}

export function json(response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export function html(response: ServerResponse, status: number) {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>Bad Gateway</body></html>');
}

export const TOKENS = { sync: 'token-of-sync', billing: 'token-of-billing', provisioning: 'token-of-provisioning' };

/** A client whose waits take no time but are written down, on a clock that they move. */
export function clientOf(url: string, overrides: Partial<DigitalOceanOptions> = {}) {
  const waits: number[] = [];
  let nowMs = Date.now();
  const digitalOcean = createDigitalOcean({
    baseUrl: url,
    tokens: TOKENS,
    clock: () => new Date(nowMs),
    sleep: async (ms) => {
      waits.push(ms);
      nowMs += ms;
    },
    random: () => 0,
    ...overrides,
  });
  return { digitalOcean, waits };
}

/** A droplet as the provider shows it, with fields that we do not read. */
export function aDroplet(fields: Record<string, unknown> = {}) {
  return {
    id: 3164444,
    name: 'web-1',
    memory: 1024,
    vcpus: 1,
    disk: 25,
    locked: false,
    status: 'active',
    kernel: null,
    created_at: '2020-07-21T18:37:44Z',
    features: ['backups'],
    backup_ids: [53893572],
    next_backup_window: null,
    snapshot_ids: [67512819],
    image: { id: 63663980, name: '20.04 (LTS) x64', distribution: 'Ubuntu', slug: 'ubuntu-20-04-x64' },
    volume_ids: [],
    size: {},
    size_slug: 's-1vcpu-1gb',
    networks: {
      v4: [
        { ip_address: '10.128.192.124', netmask: '255.255.0.0', gateway: 'nil', type: 'private' },
        { ip_address: '192.241.165.154', netmask: '255.255.255.0', gateway: '192.241.165.1', type: 'public' },
      ],
      v6: [],
    },
    region: { name: 'Sydney 1', slug: 'syd1', features: [], available: true, sizes: [] },
    tags: ['web'],
    vpc_uuid: '760e09ef-dc84-11e8-981e-3cfdfeaae000',
    ...fields,
  };
}
