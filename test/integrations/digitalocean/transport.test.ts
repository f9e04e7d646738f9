import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, ProviderError } from '../../../src/errors.js';
import { createDigitalOcean, type RequestEvent } from '../../../src/integrations/digitalocean/client.js';
import { aDroplet, clientOf, html, json, type ProviderServer, startProviderServer, TOKENS } from './provider-server.js';

const SPEC = { name: 'web-1', region: 'syd1', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['t'] };

let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProviderServer();
});
afterAll(() => provider.stop());

async function failure(asking: Promise<unknown>): Promise<ProviderError> {
  const error = await asking.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ProviderError);
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('token-of');
  return error as ProviderError;
}

describe('errors of the provider', () => {
  it('carry its status, id, message and request id', async () => {
    provider.answer((_request, response) =>
      json(response, { id: 'Not_Found', message: 'Could not be found.', request_id: 'r-1' }, 404),
    );
    const { digitalOcean, waits } = clientOf(provider.url);
    const error = await failure(digitalOcean.sync.droplets.get('42'));
    expect(error.message).toBe('DigitalOcean rejected GET /v2/droplets/42: 404 Not_Found Could not be found.');
    expect(error.failure).toEqual({
      endpoint: 'GET /v2/droplets/42',
      status: 404,
      providerErrorId: 'not_found',
      providerMessage: 'Could not be found.',
      requestId: 'r-1',
      retryable: false,
      retryAfterSeconds: null,
    });
    expect([provider.received.length, waits]).toEqual([1, []]);
  });

  it('take the request id from the header where the body has none', async () => {
    provider.answer((_request, response) => json(response, { id: 'x' }, 400, { 'x-request-id': 'r-2' }));
    const { digitalOcean } = clientOf(provider.url);
    expect((await failure(digitalOcean.sync.balance.get())).failure).toMatchObject({ requestId: 'r-2', status: 400 });
  });

  it.each([
    ['HTML', '<html>Bad Gateway</html>'],
    ['nothing', ''],
    ['JSON of another shape', '[1, 2]'],
    ['JSON with odd fields', '{"id": 7, "message": {"a": 1}}'],
  ])('survive a body of %s', async (_name, body) => {
    provider.answer((_request, response) => response.writeHead(502).end(body));
    const { digitalOcean, waits } = clientOf(provider.url);
    const error = await failure(digitalOcean.sync.droplets.get('42'));
    expect(error.message).toBe('DigitalOcean rejected GET /v2/droplets/42: 502');
    expect(error.failure).toMatchObject({ status: 502, providerErrorId: null, providerMessage: null, retryable: true });
    expect([provider.received.length, waits]).toEqual([5, [500, 1_000, 2_000, 4_000]]);
  });

  it.each([
    [422, 'Droplet already has a pending event.', true],
    [422, 'Size can not decrease.', false],
    [409, 'The request could not be completed due to a conflict.', true],
    [412, 'cannot delete a project with resources', false],
    [501, 'not implemented', false],
  ])('%i "%s" may pass by itself: %s', async (status, message, retryable) => {
    provider.answer((_request, response) => json(response, { id: 'x', message }, status));
    const { digitalOcean } = clientOf(provider.url);
    expect((await failure(digitalOcean.provisioning.droplets.action('1', { type: 'reboot' }))).failure).toMatchObject({
      status,
      retryable,
    });
    expect(provider.received.length).toBe(1);
  });

  it('name the field of a success that cannot be read', async () => {
    provider.answer((_request, response) => json(response, { droplet: aDroplet({ region: {} }) }));
    const { digitalOcean } = clientOf(provider.url);
    const error = await failure(digitalOcean.sync.droplets.get('42'));
    expect(error.message).toMatch(
      /^DigitalOcean's answer to GET \/v2\/droplets\/42 cannot be read: droplet\.region\.slug: /,
    );
    expect(error.failure).toMatchObject({ status: 200, retryable: false });
  });

  it('tell a page of HTML with status 200 from an answer', async () => {
    provider.answer((_request, response) => html(response, 200));
    const { digitalOcean } = clientOf(provider.url);
    const error = await failure(digitalOcean.sync.droplets.get('42'));
    expect(error.message).toBe("DigitalOcean's answer to GET /v2/droplets/42 cannot be read: body: it is not JSON");
  });
});

describe('rate limits', () => {
  it('a 429 is waited out as Retry-After says, for a POST too: nothing was done', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0
        ? json(response, { id: 'too_many_requests' }, 429, { 'retry-after': '3' })
        : json(response, { droplet: aDroplet() }, 202),
    );
    const { digitalOcean, waits } = clientOf(provider.url);
    expect((await digitalOcean.provisioning.droplets.create(SPEC)).id).toBe('3164444');
    expect([provider.received.length, waits]).toEqual([2, [3_000]]);
  });

  it('a 429 without Retry-After is tried again with backoff, and not for ever', async () => {
    provider.answer((_request, response) => json(response, { id: 'too_many_requests' }, 429));
    const { digitalOcean, waits } = clientOf(provider.url);
    expect((await failure(digitalOcean.sync.balance.get())).failure).toMatchObject({ status: 429, retryable: true });
    expect([provider.received.length, waits]).toEqual([5, [500, 1_000, 2_000, 4_000]]);
  });

  it('a Retry-After beyond the limit is left to the caller, and the purpose stays quiet meanwhile', async () => {
    provider.answer((_request, response) => json(response, {}, 429, { 'retry-after': '600' }));
    const { digitalOcean, waits } = clientOf(provider.url);
    const rejected = await failure(digitalOcean.sync.balance.get());
    expect(rejected.failure).toMatchObject({ status: 429, retryable: true, retryAfterSeconds: 600 });
    const unsent = await failure(digitalOcean.sync.balance.get());
    expect(unsent.message).toBe(
      "GET /v2/customers/my/balance was not sent: DigitalOcean's rate limit is used up for 600 s",
    );
    expect(unsent.failure).toMatchObject({ status: null, retryable: true, retryAfterSeconds: 600 });
    expect([provider.received.length, waits]).toEqual([1, []]);
  });

  it('an empty budget is waited for before sending', async () => {
    provider.answer((_request, response) => {
      const reset = `${Math.floor(Date.now() / 1_000) + 30}`;
      json(response, { droplet: aDroplet() }, 200, { 'ratelimit-remaining': '0', 'ratelimit-reset': reset });
    });
    const { digitalOcean, waits } = clientOf(provider.url);
    await digitalOcean.sync.droplets.get('1');
    expect(waits).toEqual([]);
    await digitalOcean.sync.droplets.get('1');
    expect(waits.length).toBe(1);
    expect(waits[0]).toBeGreaterThan(28_000);
    expect(waits[0]).toBeLessThanOrEqual(31_000);
  });

  it('one purpose that is out of budget and waits holds up no other', async () => {
    provider.answer((request, response) => {
      const reset = `${Math.floor(Date.now() / 1_000) + 50}`;
      const remaining = request.authorization === `Bearer ${TOKENS.sync}` ? '0' : '4000';
      json(response, { droplet: aDroplet() }, 200, { 'ratelimit-remaining': remaining, 'ratelimit-reset': reset });
    });
    let waiting = () => {};
    const isWaiting = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    let wake = () => {};
    const sleep = () => {
      waiting();
      return new Promise<void>((resolve) => {
        wake = resolve;
      });
    };
    let nowMs = Date.now();
    const { digitalOcean } = clientOf(provider.url, { sleep, clock: () => new Date(nowMs) });
    await digitalOcean.sync.droplets.get('1');
    let synced = false;
    const syncing = digitalOcean.sync.droplets.get('2').then(() => {
      synced = true;
    });
    await isWaiting;
    for (let count = 0; count < 20; count++) await digitalOcean.provisioning.droplets.get('3');
    await digitalOcean.billing.droplets.get('4');
    expect(synced).toBe(false);
    expect(provider.received.map((request) => request.url)).not.toContain('/v2/droplets/2');
    nowMs += 60_000;
    wake();
    await syncing;
    expect(provider.received.at(-1)).toMatchObject({ url: '/v2/droplets/2', authorization: `Bearer ${TOKENS.sync}` });
  });
});

describe('lost answers', () => {
  it('a GET whose connection is cut is asked again', async () => {
    provider.answer((_request, response, earlier) =>
      earlier < 2 ? response.destroy() : json(response, { droplet: aDroplet() }),
    );
    const { digitalOcean, waits } = clientOf(provider.url);
    expect((await digitalOcean.sync.droplets.get('1')).name).toBe('web-1');
    expect([provider.received.length, waits]).toEqual([3, [500, 1_000]]);
  });

  it('a GET whose body breaks off is asked again', async () => {
    provider.answer((_request, response, earlier) => {
      if (earlier > 0) return json(response, { droplet: aDroplet() });
      response.writeHead(200, { 'content-length': '1000' }).write('{"droplet":', () => response.destroy());
    });
    const { digitalOcean } = clientOf(provider.url);
    expect((await digitalOcean.sync.droplets.get('1')).name).toBe('web-1');
    expect(provider.received.length).toBe(2);
  });

  it.each([
    ['is cut', (response: { destroy(): void }) => response.destroy()],
    ['never comes', () => undefined],
  ])('a POST whose answer %s is sent once, and the caller may look and try again', async (_name, handler) => {
    provider.answer((_request, response) => handler(response));
    const { digitalOcean, waits } = clientOf(provider.url, { timeoutMs: 50 });
    const error = await failure(digitalOcean.provisioning.droplets.create(SPEC));
    expect(error.message).toMatch(/^DigitalOcean did not answer POST \/v2\/droplets: /);
    expect(error.failure).toMatchObject({ endpoint: 'POST /v2/droplets', status: null, retryable: true });
    expect([provider.received.length, waits]).toEqual([1, []]);
  });

  it('a POST that got a 502 or 503 is sent once', async () => {
    const { digitalOcean, waits } = clientOf(provider.url);
    for (const status of [500, 502, 503]) {
      provider.answer((_request, response) => html(response, status));
      const error = await failure(digitalOcean.provisioning.droplets.create(SPEC));
      expect(error.failure).toMatchObject({ status, retryable: true });
      expect(provider.received.length).toBe(1);
    }
    expect(waits).toEqual([]);
  });

  it('a POST that never left is tried again', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const { digitalOcean, waits } = clientOf(`http://127.0.0.1:${port}`);
    const error = await failure(digitalOcean.provisioning.droplets.create(SPEC));
    expect(error.message).toBe('DigitalOcean did not answer POST /v2/droplets: ECONNREFUSED');
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('an answer that hangs is given up on and asked for again', async () => {
    provider.answer((_request, response, earlier) => {
      if (earlier > 0) json(response, { droplet: aDroplet() });
    });
    const { digitalOcean } = clientOf(provider.url, { timeoutMs: 50 });
    expect((await digitalOcean.sync.droplets.get('1')).name).toBe('web-1');
    expect(provider.received.length).toBe(2);
  });

  it('a body that hangs is given up on too', async () => {
    provider.answer((_request, response) => response.writeHead(200).write('{"droplet":'));
    const { digitalOcean } = clientOf(provider.url, { timeoutMs: 50, retry: { attempts: 1 } });
    const error = await failure(digitalOcean.sync.droplets.get('1'));
    expect(error.message).toBe('DigitalOcean did not answer GET /v2/droplets/1: nothing within 0.05 s');
  });
});

describe('signals', () => {
  const reason = new Error('stopping');

  it('end a request on its way with their own reason', async () => {
    const controller = new AbortController();
    provider.answer(() => controller.abort(reason));
    const { digitalOcean } = clientOf(provider.url);
    await expect(digitalOcean.sync.droplets.get('1', { signal: controller.signal })).rejects.toBe(reason);
    expect(provider.received.length).toBe(1);
  });

  it('end a wait for a retry', async () => {
    const controller = new AbortController();
    provider.answer((_request, response) => {
      json(response, {}, 429, { 'retry-after': '30' });
      response.on('finish', () => setImmediate(() => controller.abort(reason)));
    });
    const digitalOcean = createDigitalOcean({ baseUrl: provider.url, tokens: TOKENS });
    await expect(digitalOcean.sync.droplets.get('1', { signal: controller.signal })).rejects.toBe(reason);
  });

  it('that were aborted before let nothing out', async () => {
    provider.answer((_request, response) => json(response, { droplet: aDroplet() }));
    const { digitalOcean } = clientOf(provider.url);
    await expect(digitalOcean.sync.droplets.get('1', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(provider.received.length).toBe(0);
  });

  it('keep no listener behind', async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners += 1;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners -= 1;
      removeEventListener.apply(signal, args);
    };
    provider.answer((_request, response) => json(response, { droplet: aDroplet() }));
    const { digitalOcean } = clientOf(provider.url);
    for (let count = 0; count < 5; count++) await digitalOcean.sync.droplets.get('1', { signal });
    expect(listeners).toBe(0);
  });
});

describe('streams', () => {
  it('arrive as they are sent', async () => {
    provider.answer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/csv' });
      response.write('product,USD\n');
      setImmediate(() => response.end('Droplets,$1.00\n'));
    });
    const { digitalOcean } = clientOf(provider.url);
    expect(await text(await digitalOcean.billing.invoices.csv('abc'))).toBe('product,USD\nDroplets,$1.00\n');
    expect(provider.received[0]?.url).toBe('/v2/customers/my/invoices/abc/csv');
  });

  it('are asked for again until the first byte, then end with an error where they break off', async () => {
    provider.answer((_request, response, earlier) => {
      if (earlier === 0) return html(response, 503);
      response.writeHead(200, { 'content-length': '1000' }).write('product,', () => response.destroy());
    });
    const { digitalOcean } = clientOf(provider.url);
    const csv = await digitalOcean.billing.invoices.csv('abc');
    const error = await failure(text(csv));
    expect(error.message).toBe(
      'DigitalOcean did not answer GET /v2/customers/my/invoices/abc/csv: the answer broke off',
    );
    expect(error.failure).toMatchObject({ status: null, retryable: true });
  });

  it('that fall silent end with an error', async () => {
    provider.answer((_request, response) => response.writeHead(200).write('product,'));
    const { digitalOcean } = clientOf(provider.url, { timeoutMs: 50 });
    await failure(text(await digitalOcean.billing.invoices.csv('abc')));
  });

  it('end with the reason of their signal', async () => {
    const controller = new AbortController();
    const reason = new Error('stopping');
    provider.answer((_request, response) => response.writeHead(200).write('product,'));
    const { digitalOcean } = clientOf(provider.url);
    const csv = await digitalOcean.billing.invoices.csv('abc', { signal: controller.signal });
    csv.once('data', () => controller.abort(reason));
    await expect(text(csv)).rejects.toBe(reason);
  });

  it('that are left early close their connection', async () => {
    let closed = () => {};
    const isClosed = new Promise<void>((resolve) => {
      closed = resolve;
    });
    provider.answer((_request, response) => {
      response.on('close', closed);
      response.writeHead(200).write('product,');
    });
    const { digitalOcean } = clientOf(provider.url);
    for await (const _chunk of await digitalOcean.billing.invoices.csv('abc')) break;
    await isClosed;
  });
});

describe('tokens', () => {
  it('each purpose sends its own', async () => {
    provider.answer((_request, response) => json(response, { droplet: aDroplet() }));
    const { digitalOcean } = clientOf(provider.url);
    for (const purpose of ['sync', 'billing', 'provisioning'] as const) await digitalOcean[purpose].droplets.get('1');
    expect(provider.received.map((request) => request.authorization)).toEqual([
      'Bearer token-of-sync',
      'Bearer token-of-billing',
      'Bearer token-of-provisioning',
    ]);
  });

  it('appear in no log line', async () => {
    const lines: unknown[] = [];
    const note = (fields: object, message: string) => lines.push([fields, message]);
    provider.answer((_request, response, earlier) =>
      earlier === 0 ? html(response, 502) : json(response, { droplet: aDroplet() }),
    );
    const { digitalOcean } = clientOf(provider.url, { log: { debug: note, warn: note } });
    await digitalOcean.sync.droplets.get('1');
    expect(lines).toEqual([
      [{ purpose: 'sync', endpoint: 'GET /v2/droplets/1', status: 502 }, 'asked DigitalOcean'],
      [
        { purpose: 'sync', endpoint: 'GET /v2/droplets/1', status: 502, tries: 1, waitMs: 500 },
        'DigitalOcean failed; trying again',
      ],
      [{ purpose: 'sync', endpoint: 'GET /v2/droplets/1', status: 200 }, 'asked DigitalOcean'],
    ]);
  });

  it('that no header can carry are refused without being shown', () => {
    const tokens = { ...TOKENS, billing: 'dop_v1_secret\n' };
    const creating = () => createDigitalOcean({ baseUrl: provider.url, tokens });
    expect(creating).toThrow(ConfigError);
    expect(creating).toThrow("DigitalOcean's billing token has forbidden characters");
  });
});

describe('onRequest', () => {
  it('sees every try, with the variable parts of its path blanked', async () => {
    provider.answer((_request, response, earlier) =>
      earlier === 0 ? response.destroy() : json(response, { domain_record: {} }, 404),
    );
    const seen: RequestEvent[] = [];
    const { digitalOcean } = clientOf(provider.url, { onRequest: (request) => seen.push(request) });
    await digitalOcean.provisioning.domains.records.delete('sky-ai.com', '12');
    const shared = { purpose: 'provisioning', method: 'DELETE', endpoint: '/v2/domains/:id/records/:id' };
    expect(seen).toEqual([
      { ...shared, status: null, ms: expect.any(Number) },
      { ...shared, status: 404, ms: expect.any(Number) },
    ]);
  });
});

describe('base URLs', () => {
  it('may end in a slash or hold a path', async () => {
    provider.answer((_request, response) => json(response, { droplet: aDroplet() }));
    for (const suffix of ['/', '/proxy', '/proxy/']) {
      await clientOf(`${provider.url}${suffix}`).digitalOcean.sync.droplets.get('1');
    }
    expect(provider.received.map((request) => request.url)).toEqual([
      '/v2/droplets/1',
      '/proxy/v2/droplets/1',
      '/proxy/v2/droplets/1',
    ]);
  });
});
