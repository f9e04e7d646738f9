import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { WebSocket } from 'ws';
import { createAuthenticate } from '../../src/server/authenticate.js';
import { JWT_SECRET, startTestApp, type TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

const WHO = gql('{ viewer { subject tenantId roles isOperator } }');
const CLAIMS = { sub: 'ann', tenant_id: 'acme', roles: ['member'] };
const hour = () => Math.floor(Date.now() / 1000) + 3600;

function unsigned(header: object, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.`;
}

const rejected: [string, () => string | undefined][] = [
  ['no token', () => undefined],
  ['what is no JWT', () => 'not-a-token'],
  ['a forged signature', () => jwt.sign({ ...CLAIMS, exp: hour() }, 'another secret')],
  ['alg none', () => unsigned({ alg: 'none', typ: 'JWT' }, { ...CLAIMS, exp: hour() })],
  ['an algorithm that is not listed', () => jwt.sign({ ...CLAIMS, exp: hour() }, JWT_SECRET, { algorithm: 'HS384' })],
  ['no expiry', () => jwt.sign(CLAIMS, JWT_SECRET)],
  ['no tenant', () => jwt.sign({ sub: 'ann', roles: [], exp: hour() }, JWT_SECRET)],
  ['no roles', () => jwt.sign({ sub: 'ann', tenant_id: 'acme', exp: hour() }, JWT_SECRET)],
  ['no subject', () => jwt.sign({ tenant_id: 'acme', roles: [], exp: hour() }, JWT_SECRET)],
  ['a token for another service', () => jwt.sign({ ...CLAIMS, exp: hour(), aud: 'skyai-finance' }, JWT_SECRET)],
  ['a token for several others', () => jwt.sign({ ...CLAIMS, exp: hour(), aud: ['a', 'b'] }, JWT_SECRET)],
  ['an audience that is no text', () => forge({ ...CLAIMS, exp: hour(), aud: null })],
  ['a token for nobody', () => forge({ ...CLAIMS, exp: hour(), aud: [] })],
  ['a token that is too long', () => jwt.sign({ ...CLAIMS, exp: hour(), filler: 'x'.repeat(8_000) }, JWT_SECRET)],
  ['a zero character in the subject', () => jwt.sign({ ...CLAIMS, sub: 'ann\0', exp: hour() }, JWT_SECRET)],
  ['half a surrogate pair in the tenant', () => jwt.sign({ ...CLAIMS, tenant_id: 'a\ud800', exp: hour() }, JWT_SECRET)],
  ['a tenant that is too long', () => jwt.sign({ ...CLAIMS, tenant_id: 'x'.repeat(256), exp: hour() }, JWT_SECRET)],
  ['a token of tomorrow', () => jwt.sign({ ...CLAIMS, exp: hour() + 90_000, nbf: hour() + 80_000 }, JWT_SECRET)],
];
/** Claims that the library would not sign. */
function forge(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', JWT_SECRET).update(signed).digest('base64url')}`;
}
const expired = () => jwt.sign({ ...CLAIMS, exp: hour() - 7200 }, JWT_SECRET);

describe('over HTTP', () => {
  it.each([...rejected, ['an expired token', expired] as const])(
    '%s is refused as UNAUTHENTICATED',
    async (_name, token) => {
      const { status, body, headers } = await app.raw(WHO, {}, token() ?? '');
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toBe('Bearer');
      expect(body.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED');
      expect(body.data ?? null).toBeNull();
    },
  );

  it('a token that was accepted is refused once it has expired', async () => {
    const exp = Math.floor(Date.now() / 1000) + 2;
    const token = jwt.sign({ ...CLAIMS, exp }, JWT_SECRET);
    const accepted: boolean[] = [];
    for (let status = 200; status === 200; ) {
      const before = Date.now();
      status = (await app.raw(WHO, {}, token)).status;
      if (status === 200) accepted.push(before < exp * 1_000);
      else expect(Date.now()).toBeGreaterThanOrEqual(exp * 1_000);
    }
    expect(new Set(accepted)).toEqual(new Set([true]));
  });

  it.each([undefined, 'arcadia-cloud', ['skyai-finance', 'arcadia-cloud']])('audience %j is accepted', async (aud) => {
    const token = jwt.sign({ ...CLAIMS, exp: hour(), ...(aud && { aud }) }, JWT_SECRET);
    expect(await app.data(gql('{ viewer { subject } }'), {}, token)).toEqual({ viewer: { subject: 'ann' } });
  });

  it.each(['HS256', 'HS512'] as const)('%s is accepted and says who asks', async (algorithm) => {
    const token = jwt.sign({ ...CLAIMS, exp: hour() }, JWT_SECRET, { algorithm });
    expect(await app.data(WHO, {}, token)).toEqual({
      viewer: { subject: 'ann', tenantId: 'acme', roles: ['member'], isOperator: false },
    });
  });
});

describe('configured names', () => {
  it('are required of every token, and those of the issuer in use are accepted', async () => {
    const environment = { ARCADIA_JWT_AUDIENCE: 'cloud-ops', ARCADIA_JWT_ISSUER: 'https://id.example,sso' };
    const strict = await startTestApp({ worker: false, environment });
    const status = async (names: object) =>
      (await strict.raw(WHO.source, {}, jwt.sign({ ...CLAIMS, exp: hour(), ...names }, JWT_SECRET))).status;
    expect(await status({ aud: 'cloud-ops', iss: 'sso' })).toBe(200);
    expect(await status({ aud: 'cloud-ops', iss: 'https://id.example' })).toBe(200);
    for (const names of [
      {},
      { aud: 'cloud-ops' },
      { iss: 'sso' },
      { aud: 'arcadia-cloud', iss: 'sso' },
      { aud: 'cloud-ops', iss: 'arcadia-cloud' },
    ]) {
      expect(await status(names)).toBe(401);
    }
    await strict.close();
  });
});

describe('the cache of verified tokens', () => {
  it('knows one token however it is spelled, and keeps few bytes of many', () => {
    const authenticate = createAuthenticate(JWT_SECRET, {
      algorithms: ['HS256'],
      audience: 'arcadia-cloud',
      requireAudience: false,
      issuers: null,
    });
    const token = jwt.sign({ ...CLAIMS, exp: hour() }, JWT_SECRET);
    const first = authenticate(`Bearer ${token}`);
    expect(authenticate(`bearer  ${token}`)).toBe(first);
    expect(() => authenticate(`Bearer ${' '.repeat(8_192)}${token}`)).toThrow('longer than 8192 bytes');
    // Each of these counts some 13 kB, so the first is long forgotten.
    for (let n = 0; n < 1_000; n++) {
      authenticate(`Bearer ${jwt.sign({ ...CLAIMS, exp: hour(), filler: `${n}`.padEnd(4_000) }, JWT_SECRET)}`);
    }
    expect(authenticate(`Bearer ${token}`)).not.toBe(first);
  });
});

/** Opens a socket with that token and answers how the server ended it, or `acknowledged`. */
function connect(
  token: string | undefined,
): Promise<{ socket: WebSocket; end: { code: number; reason: string } | 'acknowledged' }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('open', () =>
      socket.send(
        JSON.stringify({
          type: 'connection_init',
          payload: token === undefined ? {} : { authorization: `Bearer ${token}` },
        }),
      ),
    );
    socket.on('message', (data) => {
      if (JSON.parse(String(data)).type === 'connection_ack') resolve({ socket, end: 'acknowledged' });
    });
    socket.on('close', (code, reason) => resolve({ socket, end: { code, reason: String(reason) } }));
    socket.on('error', reject);
  });
}

describe('on the socket', () => {
  it.each(rejected)('%s closes it with 4401', async (_name, token) => {
    const { end } = await connect(token());
    expect(end).toMatchObject({ code: 4401 });
  });

  it('an expired token closes it with 4403', async () => {
    const { end } = await connect(expired());
    expect(end).toEqual({ code: 4403, reason: 'The token has expired.' });
  });

  it('a token that expires later closes it then', async () => {
    const { socket, end } = await connect(jwt.sign({ ...CLAIMS, exp: Math.floor(Date.now() / 1000) + 2 }, JWT_SECRET));
    expect(end).toBe('acknowledged');
    const code = await new Promise((resolve) => socket.on('close', resolve));
    expect(code).toBe(4403);
  });

  it('what is no message of the protocol closes it with 4400', async () => {
    const { socket } = await connect(app.operator);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.send('{"type":"nonsense"}');
    expect(await closed).toBe(4400);
  });
});
