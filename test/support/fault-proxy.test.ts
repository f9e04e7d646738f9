import { EventEmitter, once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type FaultProxy, startFaultProxy } from './fault-proxy.js';

let server: Server;
let serverSides: Socket[];
let proxy: FaultProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  serverSides = [];
  // Answers each chunk with itself, and its end with its own.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    serverSides.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => socket.write(`<${chunk}>`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startFaultProxy(`postgres://user:secret@127.0.0.1:${(server.address() as AddressInfo).port}/db?a=b`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  for (const socket of serverSides) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

interface Client {
  readonly socket: Socket;
  /** Everything that has arrived, then `end`, `close` or the code of the error. */
  readonly heard: string[];
  /** Resolves once this was heard. */
  hears(what: string): Promise<void>;
}

async function open(): Promise<Client> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  const heard: string[] = [];
  const news = new EventEmitter();
  const hear = (what: string) => {
    heard.push(what);
    news.emit('heard');
  };
  socket.on('data', (chunk) => hear(String(chunk)));
  socket.on('end', () => hear('end'));
  socket.on('error', (error: NodeJS.ErrnoException) => hear(String(error.code)));
  await new Promise((resolve) => socket.once('connect', resolve).once('error', resolve));
  return {
    socket,
    heard,
    async hears(what) {
      while (!heard.includes(what)) await once(news, 'heard');
    },
  };
}

/** A connection whose link is known to stand. */
async function openAndGreet(): Promise<Client> {
  const client = await open();
  client.socket.write('hello');
  await client.hears('<hello>');
  return client;
}

const QUIET_MS = 100;

describe('the fault proxy', () => {
  it('passes bytes and ends, and keeps the rest of the URL', async () => {
    expect(proxy.url).toBe(`postgres://user:secret@127.0.0.1:${proxy.port}/db?a=b`);
    const client = await openAndGreet();
    expect(proxy.links()).toHaveLength(1);
    const ended = once(serverSides[0] as Socket, 'end');
    client.socket.end();
    await ended;
    (serverSides[0] as Socket).end();
    await client.hears('end');
    expect(client.heard).toEqual(['<hello>', 'end']);
  });

  it('delays each chunk', async () => {
    const client = await openAndGreet();
    proxy.delay(60);
    const startedMs = performance.now();
    client.socket.write('slow');
    await client.hears('<slow>');
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(119);
  });

  it('freezes both directions and loses nothing on release', async () => {
    const client = await openAndGreet();
    proxy.freeze();
    client.socket.write('held');
    await sleep(QUIET_MS);
    expect(client.heard).toEqual(['<hello>']);
    proxy.release();
    await client.hears('<held>');
  });

  it('swallows in a black hole, and neither end hears that the other one is gone', async () => {
    const [client, other] = [await openAndGreet(), await openAndGreet()];
    const closed: string[] = [];
    for (const socket of serverSides)
      socket.on('end', () => closed.push('end')).on('close', () => closed.push('close'));
    proxy.links()[0]?.blackHole();
    client.socket.write('lost');
    other.socket.write('heard');
    await other.hears('<heard>');
    client.socket.destroy();
    await sleep(QUIET_MS);
    expect([client.heard, closed]).toEqual([['<hello>'], []]);
  });

  it('swallows whole new connections', async () => {
    await proxy.vanish();
    const client = await open();
    client.socket.write('anybody?');
    await sleep(QUIET_MS);
    expect([client.heard, serverSides]).toEqual([[], []]);
    await proxy.heal();
    await openAndGreet();
  });

  it('resets, closes and half-closes', async () => {
    const [first, second, third] = [await openAndGreet(), await openAndGreet(), await openAndGreet()];
    const [reset, close, half] = proxy.links();
    const serverReset = new Promise((resolve) => serverSides[0]?.once('error', resolve));
    reset?.reset();
    await first.hears('ECONNRESET');
    expect(await serverReset).toMatchObject({ code: 'ECONNRESET' });
    close?.close();
    await second.hears('end');
    half?.halfClose('client');
    await third.hears('end');
    third.socket.write('still there');
    const [arrived] = await once(serverSides[2] as Socket, 'data');
    expect(String(arrived)).toBe('still there');
  });

  it('closes, resets or refuses new connections while the open ones live on', async () => {
    const living = await openAndGreet();
    await proxy.accept('close');
    await (await open()).hears('end');
    await proxy.accept('reset');
    await (await open()).hears('ECONNRESET');
    await proxy.accept('refuse');
    await (await open()).hears('ECONNREFUSED');
    living.socket.write('on');
    await living.hears('<on>');
    await proxy.heal();
    await openAndGreet();
  });

  it('passes much to a slow reader without a gap', async () => {
    const client = await openAndGreet();
    const bytes = 5_000_000;
    let received = 0;
    client.socket.on('data', (chunk) => {
      received += chunk.length;
    });
    client.socket.pause();
    (serverSides[0] as Socket).write(Buffer.alloc(bytes, 'x'));
    await sleep(QUIET_MS);
    client.socket.resume();
    while (received < bytes) await once(client.socket, 'data');
    expect(received).toBe(bytes);
  });
});

it.each(['client', 'server'] as const)('stops at once while its FIN to the %s is on its way', async (end) => {
  await open();
  while (proxy.links().length === 0 || serverSides.length === 0) await sleep(5);
  proxy.halfClose(end);
  await proxy.stop();
  expect(proxy.links()).toEqual([]);
});
