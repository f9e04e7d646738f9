import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import type { FinancePayload } from '../../../src/core/costs/finance-payload.js';
import { createFinance, FinanceError } from '../../../src/integrations/finance/client.js';

const SECRET = 'a-shared-secret-of-more-than-thirty-two-bytes';
const INVOICE: FinancePayload = {
  source: 'digitalocean',
  external_id: '22737513-0ea7-4206-8ceb-98a575af7681',
  vendor: { name: 'DigitalOcean', category: 'cloud' },
  period: '2026-04',
  issued_date: '2026-05-01',
  currency: 'USD',
  amount_net_minor: 7_902,
  amount_tax_minor: 790,
  amount_gross_minor: 8_692,
  lines: [
    { line_number: 1, description: 'web-1 (s-1vcpu-1gb)', amount_minor: 7_902, is_tax: false },
    { line_number: 2, description: 'GST (10.00%)', amount_minor: 790, is_tax: true },
  ],
};

describe('importInvoice', () => {
  let url: string;
  let received: { method: string; url: string; authorization: string; body: string }[] = [];
  let answer: (response: ServerResponse) => void;
  const server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url: path = '', headers } = request;
    received.push({
      method,
      url: path,
      authorization: headers.authorization ?? '',
      body: Buffer.concat(chunks).toString(),
    });
    answer(response);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  function finance(options: { baseUrl?: string; timeoutMs?: number; clock?: () => Date } = {}) {
    return createFinance({ baseUrl: url, secret: SECRET, ...options });
  }
  function says(status: number, body: string) {
    received = [];
    answer = (response) => response.writeHead(status).end(body);
  }
  async function failure(importing: Promise<unknown>): Promise<FinanceError> {
    const error = await importing.then(
      () => null,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(FinanceError);
    for (const secret of [SECRET, 'Bearer', 'eyJ'])
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret);
    return error as FinanceError;
  }

  it('sends the invoice as it is and answers what finance made of it', async () => {
    says(201, '{"action":"created","id":"inv-1","more":true}');
    expect(await finance().importInvoice(INVOICE)).toEqual({ action: 'created', id: 'inv-1' });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ method: 'POST', url: '/api/v1/integrations/cloud/import-invoice' });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(INVOICE);
  });

  it('signs a token of five minutes with the shared secret, a new one each time', async () => {
    says(200, '{"action":"updated","id":7}');
    const clock = () => new Date('2026-05-01T02:00:00.500Z');
    const client = finance({ clock, baseUrl: `${url}/` });
    expect(await client.importInvoice(INVOICE)).toEqual({ action: 'updated', id: '7' });
    await client.importInvoice(INVOICE);
    const [first, second] = received.map((request) => request.authorization.replace('Bearer ', ''));
    const at = clock().getTime() / 1_000;
    const claims = jwt.verify(first ?? '', SECRET, { algorithms: ['HS512'], clockTimestamp: at + 299 });
    expect(claims).toEqual({
      tenant_id: 'platform-admin',
      roles: ['admin'],
      aud: 'skyai-finance',
      iss: 'arcadia-cloud',
      sub: 'arcadia-cloud',
      iat: 1_777_600_800,
      exp: 1_777_601_100,
      jti: expect.any(String),
    });
    expect(() => jwt.verify(first ?? '', SECRET, { clockTimestamp: at + 301 })).toThrow('jwt expired');
    expect(() => jwt.verify(first ?? '', 'another secret', { clockTimestamp: at })).toThrow('invalid signature');
    expect(second).not.toBe(first);
  });

  it.each([
    [422, '{"message":"period is closed"}', 'finance rejected the invoice: 422 period is closed'],
    [401, '{"error":"unauthorized"}', 'finance rejected the invoice: 401 unauthorized'],
    [502, '<html>Bad Gateway</html>', 'finance rejected the invoice: 502'],
    [302, '', 'finance rejected the invoice: 302'],
  ])('a refusal with %i is a FinanceError that says why', async (status, body, message) => {
    says(status, body);
    expect(await failure(finance().importInvoice(INVOICE))).toMatchObject({ message, status });
    expect(received).toHaveLength(1);
  });

  it.each([
    ['HTML', '<html>welcome</html>', 'body'],
    ['nothing', '', 'body'],
    ['an unknown action', '{"action":"ignored","id":"1"}', 'action'],
    ['no id', '{"action":"created"}', 'id'],
    ['an empty id', '{"action":"created","id":""}', 'id'],
  ])('an answer of %s is a FinanceError that names what is wrong', async (_name, body, field) => {
    says(200, body);
    const error = await failure(finance().importInvoice(INVOICE));
    expect(error).toMatchObject({ message: `finance's answer cannot be read: ${field}`, status: 200 });
  });

  it('a service that is down is a FinanceError without a status', async () => {
    const error = await failure(finance({ baseUrl: 'http://127.0.0.1:1' }).importInvoice(INVOICE));
    expect(error.status).toBeNull();
    expect(error.message).toMatch(/^finance did not answer: /);
  });

  it('a connection that is cut is a FinanceError without a status', async () => {
    answer = (response) => response.destroy();
    expect(await failure(finance().importInvoice(INVOICE))).toMatchObject({ status: null });
  });

  it('a service that is too slow is given up on, in its body too', async () => {
    answer = () => undefined;
    const message = 'finance did not answer: nothing within 0.05 s';
    expect(await failure(finance({ timeoutMs: 50 }).importInvoice(INVOICE))).toMatchObject({ message, status: null });
    answer = (response) => response.writeHead(200).write('{"action":');
    expect(await failure(finance({ timeoutMs: 50 }).importInvoice(INVOICE))).toMatchObject({ message, status: null });
  });

  it('an aborted push throws the reason of its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('stopping');
    answer = () => controller.abort(reason);
    await expect(finance().importInvoice(INVOICE, { signal: controller.signal })).rejects.toBe(reason);
  });
});
