import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery } from 'graphql';
import pg from 'pg';
import { WebSocket } from 'ws';
import { startTestApp, type TestApp } from '../support/app.js';

const TENANT_SOCKETS = 3;
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false, environment: { SOCKETS_PER_TENANT: String(TENANT_SOCKETS) } });
});
afterAll(() => app.close());

const open = async (): Promise<WebSocket> => {
  const socket = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  return socket;
};
const send = (socket: WebSocket, message: object) => socket.send(JSON.stringify(message));
const init = (socket: WebSocket, token: string) =>
  send(socket, { type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
const closing = async (socket: WebSocket) => {
  const [code, reason] = await once(socket, 'close');
  return { code, reason: String(reason) };
};
const authenticated = async (token = app.operator): Promise<WebSocket> => {
  const socket = await open();
  init(socket, token);
  const [ack] = await once(socket, 'message');
  expect(JSON.parse(String(ack))).toEqual({ type: 'connection_ack' });
  return socket;
};
const ask = (socket: WebSocket, id: string, query: string, variables = {}) =>
  send(socket, { id, type: 'subscribe', payload: { query, variables } });
interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload: { readonly data: { readonly syncEvents: { readonly a: string; readonly message: string } } };
}

/** Every message from now on, and a way to wait for one. */
const messages = (socket: WebSocket) => {
  const all: Message[] = [];
  socket.on('message', (data) => all.push(JSON.parse(String(data)) as Message));
  return {
    all,
    async until(isWanted: (message: Message) => boolean) {
      while (!all.some(isWanted)) await once(socket, 'message');
    },
  };
};

/** What waits in the server for clients to take it. */
async function waitingBytes(): Promise<number> {
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  return Number(/^arcadia_socket_waiting_bytes (\S+)$/m.exec(metrics)?.[1]);
}

describe('before it has authenticated a socket', () => {
  it('is closed with 4401 after a few messages', async () => {
    const socket = await open();
    const heard = messages(socket);
    for (let n = 0; n < 1_000; n++) send(socket, { type: 'ping', payload: { filler: 'x'.repeat(1_000) } });
    expect(await closing(socket)).toEqual({ code: 4401, reason: 'Send connection_init with a token first.' });
    expect(heard.all.length).toBeLessThanOrEqual(5);
  });

  it('is answered a ping, without what came with it', async () => {
    const socket = await open();
    send(socket, { type: 'ping', payload: { filler: 'x'.repeat(1_000) } });
    expect(String((await once(socket, 'message'))[0])).toBe('{"type":"pong"}');
    socket.close();
  });

  it('is closed with 1009 by a frame that no token needs', async () => {
    const socket = await open();
    send(socket, { type: 'connection_init', payload: { filler: 'x'.repeat(16_384) } });
    expect((await closing(socket)).code).toBe(1009);
  });

  it('is closed with 4408 if it says nothing for three seconds', async () => {
    expect((await closing(await open())).code).toBe(4408);
  });

  it('is one of a hundred of its address, and the next is answered 429', async () => {
    const sockets = await Promise.all(Array.from({ length: 100 }, open));
    const late = new WebSocket(`${app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const [error] = await once(late, 'error');
    expect(error.message).toContain('429');
    const closed = sockets.map((socket) => once(socket, 'close'));
    for (const socket of sockets) socket.close();
    await Promise.all(closed);
    (await authenticated()).close();
  });
});

describe('once it has authenticated a socket', () => {
  it('takes larger frames, up to a limit', async () => {
    const socket = await authenticated();
    const heard = messages(socket);
    const query = '{ viewer { subject } }';
    send(socket, { id: '1', type: 'subscribe', payload: { query, extensions: { filler: 'x'.repeat(200_000) } } });
    await heard.until(({ type }) => type === 'complete');
    send(socket, { id: '2', type: 'subscribe', payload: { query, extensions: { filler: 'x'.repeat(262_144) } } });
    expect((await closing(socket)).code).toBe(1009);
  });

  it('is one of so many of its tenant, and the next is closed with 4429', async () => {
    const sockets: WebSocket[] = [];
    for (let n = 0; n < TENANT_SOCKETS; n++) sockets.push(await authenticated(app.tenant('acme')));
    const late = await open();
    init(late, app.tenant('acme'));
    expect(await closing(late)).toEqual({ code: 4429, reason: 'The tenant has too many sockets open.' });
    (await authenticated(app.tenant('globex'))).close();
    const [first] = sockets;
    first?.close();
    await once(first as WebSocket, 'close');
    for (const socket of [...sockets.slice(1), await authenticated(app.tenant('acme'))]) socket.close();
  });

  it('counts operations, not their ids: one that is used again is one more', async () => {
    const holder = new pg.Client({ connectionString: app.databaseUrl });
    await holder.connect();
    await holder.query('begin; lock table cloud_projects in access exclusive mode');
    const socket = await authenticated();
    for (let n = 0; n < 60; n++) {
      ask(socket, '1', '{ projects { nodes { id } } }');
      send(socket, { id: '1', type: 'complete' });
    }
    expect(await closing(socket)).toEqual({ code: 4429, reason: 'At most 50 operations at once.' });
    await holder.end();
  });
});

describe('a client that does not read', () => {
  it('costs what was on its way, is closed with 4429, and is in nobody’s way', async () => {
    const socket = await authenticated();
    socket.pause();
    const query = getIntrospectionQuery();
    let peak = 0;
    let closed = false;
    const closure = closing(socket).finally(() => {
      closed = true;
    });
    // A flood of questions and pings, none of whose answers is read.
    for (let n = 0; n < 40; n++) ask(socket, `${n}`, query);
    for (let n = 0; n < 5_000; n++) send(socket, { type: 'ping' });
    for (let n = 0; (await waitingBytes()) === 0; n++) ask(socket, `more ${n}`, query);
    for (let waiting = 1; waiting > 0 && !closed; ) {
      waiting = await waitingBytes();
      peak = Math.max(peak, waiting);
      expect((await app.raw('{ viewer { subject } }')).status).toBe(200);
    }
    expect(peak).toBeLessThan(8_000_000);
    socket.resume();
    const { code } = await closure;
    expect([4429, 1006]).toContain(code); // 1006: it was cut off before it read the code
    expect(await waitingBytes()).toBe(0);
  });

  it('and reads again in time gets every event once, in order', async () => {
    const { id: runId } = await app.row<{
      id: string;
    }>(`insert into sync_runs (scope, status, trigger, requested_by, queued_at, started_at)
      values ('droplets', 'running', 'operator', 'test', now(), now()) returning id`);
    const socket = await authenticated();
    const heard = messages(socket);
    ask(socket, 'events', 'subscription { syncEvents { message a: message b: message c: message } }');
    const event = (from: number, to: number, length: number) =>
      app.sql(
        `insert into sync_events (run_id, type, at, message)
         select $1, 'page_fetched', now(), rpad(n::text, $4) from generate_series($2::int, $3::int) n`,
        [runId, from, to, length],
      );
    // The subscription stands once it has told of an event that came after it.
    let first = 0;
    while (heard.all.length === 0) {
      await event(first, first, 10);
      app.app.live.wake('sync');
      first += 1;
      await Promise.race([once(socket, 'message'), app.sql('select pg_sleep(0.1)')]);
    }
    socket.pause();
    await event(10_000, 10_999, 10_000);
    app.app.live.wake('sync');
    while ((await waitingBytes()) === 0);
    expect(await waitingBytes()).toBeLessThan(1_000_000);
    socket.resume();
    await heard.until(({ payload }) => payload?.data.syncEvents.a.trim() === '10999');
    const numbers = heard.all.map(({ payload }) => Number(payload.data.syncEvents.message)).filter((n) => n >= 10_000);
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, n) => 10_000 + n));
    socket.close();
  });
});
