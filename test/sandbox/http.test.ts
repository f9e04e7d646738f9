import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { ask, get, send, start, startClocked } from './running-sandbox.js';

describe('a request', () => {
  it.each(['null', '[]', '"text"', '{"name":', '1'])('whose body is %s is malformed', async (body) => {
    const sandbox = await start();
    const before = await get(sandbox, '/_sandbox/state/projects');
    expect(await ask(sandbox, 'POST', '/v2/projects', body)).toMatchObject([400, { id: 'bad_request' }]);
    expect(await get(sandbox, '/_sandbox/state/projects')).toEqual(before);
  });

  it('that says a key twice means the last', async () => {
    const sandbox = await start();
    const body = '{"name":"first","name":"last","purpose":"Service or API"}';
    expect(await ask(sandbox, 'POST', '/v2/projects', body)).toMatchObject([201, { project: { name: 'last' } }]);
  });

  it('with too large a body is refused', async () => {
    const sandbox = await start();
    const body = JSON.stringify({ name: 'x'.repeat(4_000_000) });
    expect(await ask(sandbox, 'POST', '/v2/projects', body)).toMatchObject([413, { id: 'request_entity_too_large' }]);
  });

  it.each([
    '/v2/droplets/constructor',
    '/v2/droplets/__proto__',
    '/v2/droplets/%E0%A4%A',
    '/v2/tags/toString',
    '/v2/domains/sky-ai.com.',
    '/v2/nothing',
    '/',
  ])('for %s finds nothing', async (path) => {
    const sandbox = await start();
    expect(await ask(sandbox, 'GET', path)).toMatchObject([
      404,
      { id: 'not_found', message: 'The resource you were accessing could not be found.' },
    ]);
  });

  it('without a path that can be read harms nobody', async () => {
    const sandbox = await start();
    const socket = connect(sandbox.port, '127.0.0.1');
    socket.end('GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 401 /);
    expect((await send(sandbox, 'GET', '/v2/account')).status).toBe(200);
  });

  it('without a token is told so, and bears an id that the header has too', async () => {
    const sandbox = await start();
    const answer = await fetch(`${sandbox.url}/v2/account`, { headers: { authorization: 'Bearer ' } });
    expect([answer.status, await answer.json()]).toEqual([
      401,
      { id: 'unauthorized', message: 'Unable to authenticate you', request_id: answer.headers.get('x-request-id') },
    ]);
  });

  it('is remembered without its token, and told to the log', async () => {
    const lines: object[] = [];
    const sandbox = await start({ log: (line) => lines.push(line) });
    await send(sandbox, 'GET', '/v2/droplets?per_page=2');
    const seen = { method: 'GET', path: '/v2/droplets', query: '?per_page=2', status: 200 };
    expect(await get(sandbox, '/_sandbox/requests')).toEqual({ requests: [{ ...seen, time: expect.any(String) }] });
    expect(lines).toEqual([{ ...seen, ms: expect.any(Number), requestId: expect.any(String) }]);
  });

  it('beyond the thousandth pushes out the first', async () => {
    const sandbox = await start();
    for (let n = 0; n < 1_003; n++) await send(sandbox, 'GET', `/v2/account?n=${n}`);
    const { requests } = await get(sandbox, '/_sandbox/requests');
    expect([requests.length, requests[0].query, requests.at(-1).query]).toEqual([1_000, '?n=3', '?n=1002']);
  });
});

describe('a list', () => {
  it('links its pages on the sandbox itself, with what was asked for', async () => {
    const sandbox = await start();
    const { links, meta, snapshots } = await get(sandbox, '/v2/snapshots?resource_type=droplet&per_page=5&page=2');
    const page = (n: number) => `${sandbox.url}/v2/snapshots?resource_type=droplet&per_page=5&page=${n}`;
    expect([snapshots.length, meta, links]).toEqual([
      5,
      { total: 12 },
      { pages: { first: page(1), prev: page(1), next: page(3), last: page(3) } },
    ]);
    expect((await get(sandbox, '/v2/snapshots?per_page=200')).links).toEqual({});
    expect((await get(sandbox, '/v2/snapshots?page=9')).snapshots).toEqual([]);
  });
});

describe('a token', () => {
  const DAY = { perHour: 4, perMinute: 2 };

  it('that asks too often in a minute is told when to come back, and another one is not', async () => {
    const { sandbox, pass } = await startClocked({ rateLimit: DAY });
    const as = async (token: string) => {
      const answer = await fetch(`${sandbox.url}/v2/account`, { headers: { authorization: `Bearer ${token}` } });
      return [answer.status, answer.headers.get('ratelimit-remaining'), answer.headers.get('retry-after')];
    };
    expect([await as('a'), await as('a')]).toEqual([
      [200, '3', null],
      [200, '2', null],
    ]);
    expect([await as('a'), await as('b')]).toEqual([
      [429, '0', '60'],
      [200, '3', null],
    ]);
    pass(60);
    expect([await as('a'), await as('a')]).toEqual([
      [200, '1', null],
      [200, '0', null],
    ]);
    pass(60);
    expect(await as('a')).toEqual([429, '0', null]);
    pass(3_480);
    expect(await as('a')).toEqual([200, '1', null]);
  });

  it('is told when the oldest of its requests leaves the window', async () => {
    const { sandbox, pass } = await startClocked({ rateLimit: DAY });
    const reset = async () =>
      Number((await send(sandbox, 'GET', '/v2/account')).headers.get('ratelimit-reset')) -
      Date.parse('2026-11-20T00:00:00Z') / 1_000;
    expect(await reset()).toBe(3_600);
    pass(100);
    expect(await reset()).toBe(3_600);
    pass(3_500);
    expect(await reset()).toBe(3_700);
  });
});

describe('the state', () => {
  it('is changed behind the back of everybody', async () => {
    const sandbox = await start();
    const path = '/_sandbox/state/droplets/411556505';
    const [, droplet] = await ask(sandbox, 'PATCH', path, { name: 'renamed', next_backup_window: null });
    expect(droplet).toMatchObject({ id: 411_556_505, name: 'renamed', tags: ['studio', 'web'] });
    expect(droplet).not.toHaveProperty('next_backup_window');
    expect((await ask(sandbox, 'DELETE', path))[0]).toBe(204);
    expect((await ask(sandbox, 'GET', '/v2/droplets/411556505'))[0]).toBe(404);
    await ask(sandbox, 'PUT', path, droplet);
    expect((await get(sandbox, '/v2/droplets/411556505')).droplet.name).toBe('renamed');
    await ask(sandbox, 'PATCH', '/_sandbox/state/billing/balance', { account_balance: '1.00' });
    expect((await get(sandbox, '/v2/customers/my/balance')).account_balance).toBe('1.00');
  });

  it.each([
    ['GET', '/_sandbox/state/nothing', 404],
    ['GET', '/_sandbox/state/droplets/1', 404],
    ['PATCH', '/_sandbox/state/droplets', 400],
    ['POST', '/_sandbox/state/droplets/411556505', 400],
    ['GET', '/_sandbox/state/droplets/%E0%A4%A', 400],
  ])('%s %s is %d', async (method, path, status) => {
    const sandbox = await start();
    expect((await ask(sandbox, method, path, method === 'GET' ? undefined : {}))[0]).toBe(status);
  });
});
