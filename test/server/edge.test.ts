import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({
    worker: false,
    environment: { TRUSTED_PROXIES: '1', ANONYMOUS_REQUESTS_PER_MINUTE: '60' },
  });
});
afterAll(() => app.close());

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const codeOf = (body: string) => JSON.parse(body).errors[0].extensions.code;

/** Sends the head of a POST and `sent` of its body, and resolves with the answer although the body is not whole. */
async function postHead(headers: Record<string, string | number>, sent = '') {
  const outgoing = request(`${app.url}/graphql`, { method: 'POST', headers, agent: false });
  outgoing.on('error', () => undefined);
  outgoing.flushHeaders();
  if (sent !== '') outgoing.write(sent);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  outgoing.destroy();
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks).toString() };
}

describe('a request is judged by its headers, before any of its body', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };
  const bearer = () => ({ authorization: `Bearer ${app.operator}` });

  it.each([
    ['no token', {}],
    ['a forged token', { authorization: 'Bearer a.b.c' }],
    ['a chunked body', { 'transfer-encoding': 'chunked' }],
  ] as [string, Record<string, string>][])('%s: UNAUTHENTICATED', async (_name, headers) => {
    const length: Record<string, number> = 'transfer-encoding' in headers ? {} : { 'content-length': 1_900_000 };
    const answer = await postHead({ ...JSON_TYPE, ...length, ...headers }, '{"query":');
    expect([answer.status, codeOf(answer.body)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('a body that is announced as too large: 413', async () => {
    const answer = await postHead({ ...JSON_TYPE, ...bearer(), 'content-length': 2_000_001 });
    expect([answer.status, codeOf(answer.body)]).toEqual([413, 'BAD_REQUEST']);
  });

  it.each(['multipart/form-data; boundary=x', 'text/plain', 'application/x-www-form-urlencoded', ''])(
    'a body of type %j: 415',
    async (type) => {
      const headers: Record<string, string | number> = { ...bearer(), 'content-length': 1_000 };
      const answer = await postHead(type === '' ? headers : { ...headers, 'content-type': type });
      expect([answer.status, codeOf(answer.body)]).toEqual([415, 'BAD_REQUEST']);
    },
  );

  it('a compressed body: 415', async () => {
    const answer = await postHead({ ...JSON_TYPE, ...bearer(), 'content-encoding': 'gzip', 'content-length': 1_000 });
    expect([answer.status, codeOf(answer.body)]).toEqual([415, 'BAD_REQUEST']);
  });

  it('a client that waits to be told may go on only with a token', async () => {
    const body = JSON.stringify({ query: '{ viewer { subject } }' });
    const expectant = (headers: object) =>
      request(`${app.url}/graphql`, {
        method: 'POST',
        agent: false,
        headers: { ...JSON_TYPE, ...headers, expect: '100-continue', 'content-length': body.length },
      });
    const stranger = expectant({});
    stranger.on('continue', () => stranger.destroy(new Error('told to go on')));
    stranger.flushHeaders();
    const [rejection] = (await once(stranger, 'response')) as [IncomingMessage];
    expect(rejection.statusCode).toBe(401);
    stranger.destroy();
    const operator = expectant(bearer());
    operator.flushHeaders();
    await once(operator, 'continue');
    operator.end(body);
    const [answer] = (await once(operator, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(200);
    answer.resume();
  });

  it('one tenant’s bodies on their way are bounded, and another tenant’s are not in their way', async () => {
    const pending = (tenant: string) => {
      const outgoing = request(`${app.url}/graphql`, {
        method: 'POST',
        agent: false,
        headers: { ...JSON_TYPE, authorization: `Bearer ${app.tenant(tenant)}`, 'content-length': 1_999_999 },
      });
      outgoing.on('error', () => undefined);
      outgoing.flushHeaders();
      return outgoing;
    };
    const held = Array.from({ length: 9 }, () => pending('greedy'));
    const [rejection] = (await Promise.race(held.map((outgoing) => once(outgoing, 'response')))) as [IncomingMessage];
    expect([rejection.statusCode, rejection.headers['retry-after']]).toEqual([429, '1']);
    expect(await app.data(gql('{ viewer { subject } }'), {}, app.tenant('modest'))).toEqual({
      viewer: { subject: 'somebody@modest' },
    });
    for (const outgoing of held) outgoing.destroy();
  });
});

describe('requests without a valid token', () => {
  const ask = (address: string, token?: string) =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': `203.0.113.250, ${address}`,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: '{"query":"{ viewer { subject } }"}',
    });

  it('are counted by address: past the limit 429, for all of an IPv6 network at once', async () => {
    for (let n = 0; n < 60; n++) expect((await ask('2001:db8:0:7::1')).status).toBe(401);
    for (const address of ['2001:db8:0:7::1', '2001:db8::7:0:0:1:2', '2001:0db8:0000:0007:ffff::']) {
      const answer = await ask(address);
      expect(answer.status).toBe(429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(codeOf(await answer.text())).toBe('RATE_LIMITED');
    }
    expect((await ask('2001:db8:0:8::1')).status).toBe(401);
    expect((await ask('2001:db8:0:7::1', app.operator)).status).toBe(200);
  });
});

describe('every answer', () => {
  it.each([
    ['/graphql', 'text/html'],
    ['/graphql?query={viewer{subject}}', BROWSER],
    ['/graphql?query={viewer{subject}}', 'text/html'],
    ['/graphql?query={viewer{subject}}', '*/*'],
    ['/graphql?query={viewer{subject}}', 'application/json'],
    ['/api/health', BROWSER],
    ['/api/ready', BROWSER],
    ['/metrics', BROWSER],
    ['/graphiql/assets/absent.js', BROWSER],
    ['/nowhere<script>alert(1)</script>', BROWSER],
  ])('GET %s as %s has a strict policy, no sniffing, no frame and nothing foreign', async (path, accept) => {
    const answer = await fetch(`${app.url}${path}`, { headers: { accept } });
    const { headers } = answer;
    const policy = String(headers.get('content-security-policy')).split('; ');
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'"]));
    expect(policy.filter((rule) => rule.startsWith('script-src'))).toEqual(
      headers.get('content-type')?.startsWith('text/html') ? ["script-src 'self'"] : [],
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('strict-transport-security')).toBeNull();
    const body = await answer.text();
    expect(body.match(/(?:src|href)="(?!\/(?!\/))[^"]*"|<script>/g)).toBeNull();
    expect(body).not.toContain('apollographql');
  });

  it('asks for encryption for good once the proxy says that there is any', async () => {
    const answer = await fetch(`${app.url}/api/health`, { headers: { 'x-forwarded-proto': 'https' } });
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });
});

describe('a silent connection', () => {
  it('ends within seconds, whether it says nothing or half a request', async () => {
    const { hostname, port } = new URL(app.url);
    const started = performance.now();
    await Promise.all(
      ['', 'POST /graphql HTTP/1.1\r\nhost: x\r\n'].map(async (said) => {
        const socket = connect(Number(port), hostname);
        socket.on('error', () => undefined);
        socket.write(said);
        socket.resume();
        await once(socket, 'close');
      }),
    );
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});
