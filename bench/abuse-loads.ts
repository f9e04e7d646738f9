// One load of an attacker, in a process of its own until it is ended: `abuse-loads.ts <name> <url>`, tokens in the environment.
import { request } from 'node:http';
import { connect } from 'node:net';
import { getIntrospectionQuery } from 'graphql';
import { WebSocket } from 'ws';

const [, , name = '', url = 'http://127.0.0.1:0'] = process.argv;
const token = process.env['TOKEN'] ?? '';
const { hostname, port } = new URL(url);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Keeps `count` of these going, each anew once it has ended, at most 50 a second each. */
function keep(count: number, work: (n: number) => Promise<unknown>): void {
  for (let n = 0; n < count; n++) {
    void (async () => {
      for (;;) {
        await work(n).catch(() => undefined);
        await pause(20);
      }
    })();
  }
}

/** Resolves once the socket has ended, however it does. */
function socket(onOpen: (socket: WebSocket) => void, onMessage: (socket: WebSocket, text: string) => void = () => {}) {
  return new Promise<void>((resolve) => {
    const opened = new WebSocket(`ws://${hostname}:${port}/graphql`, 'graphql-transport-ws');
    opened.on('open', () => onOpen(opened));
    opened.on('message', (data) => onMessage(opened, String(data)));
    opened.on('error', () => undefined);
    opened.on('close', () => resolve());
  });
}

const init = (authorization: string) => JSON.stringify({ type: 'connection_init', payload: { authorization } });
const operation = (id: number, query: string) => JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query } });

/** Authenticated sockets that send one operation after the other. */
function operations(count: number, next: (id: number) => string, isRead: boolean): void {
  keep(count, () => {
    let id = 0;
    let timer: NodeJS.Timeout;
    return socket(
      (opened) => opened.send(init(`Bearer ${token}`)),
      (opened, text) => {
        if (!text.includes('connection_ack')) return;
        if (!isRead) opened.pause();
        timer = setInterval(() => {
          if (opened.readyState === opened.OPEN && opened.bufferedAmount < 1_000_000) {
            opened.send(operation(++id, next(id)));
          }
        }, 5);
        opened.on('close', () => clearInterval(timer));
      },
    );
  });
}

/** A POST whose body comes in pieces; `end` false: it never ends. */
function post(headers: Record<string, string | number>, body: Buffer, end: boolean): Promise<void> {
  return new Promise((resolve) => {
    const outgoing = request({ hostname, port, path: '/graphql', method: 'POST', headers, agent: false }, (answer) => {
      answer.resume();
      answer.on('close', resolve);
    });
    outgoing.on('error', () => resolve());
    outgoing.write(body, () => {
      if (end) outgoing.end();
    });
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };
const LARGE = Buffer.alloc(1_900_000, ' ');

const loads: Readonly<Record<string, () => void>> = {
  /** Documents that are not valid, one unlike the other. */
  'invalid documents on sockets': () =>
    operations(10, (id) => `{ ${`unknown${id} `.padEnd(12).repeat(10_000)} }`, true),
  'frames of 1.7 MB on sockets': () =>
    operations(10, (id) => `{ ${`unknown${id} `.padEnd(17).repeat(100_000)} }`, true),
  'valid documents that never come again': () =>
    operations(
      10,
      (id) =>
        `{ ${'viewer { subject tenantId roles } '.repeat(20)} a${id}_${Math.random().toString(36).slice(2)}: __typename }`,
      true,
    ),
  'one tenant that does not read': () => operations(50, () => getIntrospectionQuery(), false),
  '60 anonymous sockets with pings': () =>
    keep(60, () => {
      const ping = JSON.stringify({ type: 'ping', payload: { filler: 'x'.repeat(15_000) } });
      return socket((opened) => {
        opened.pause();
        for (let n = 0; n < 500; n++) opened.send(ping);
      });
    }),
  '50 anonymous bodies of 1.9 MB': () =>
    keep(50, () => post({ ...JSON_TYPE, 'content-length': LARGE.length }, LARGE, true)),
  '100 bodies of one tenant that never end': () =>
    keep(100, () =>
      post({ ...JSON_TYPE, authorization: `Bearer ${token}`, 'content-length': LARGE.length + 1 }, LARGE, false),
    ),
  '2,000 silent connections': () =>
    keep(
      2_000,
      () =>
        new Promise<void>((resolve) => {
          const silent = connect(Number(port), hostname);
          silent.on('error', () => undefined);
          silent.on('close', () => resolve());
          silent.resume();
        }),
    ),
  'tokens with 1.9 MB of spaces': () =>
    keep(20, () => socket((opened) => opened.send(init(`Bearer${' '.repeat(1_900_000)}${token}`)))),
  'tokens with some spaces, each unlike the other': () => {
    let spaces = 1;
    keep(20, () => {
      spaces = 1 + (spaces % 7_000);
      const authorization = `Bearer${' '.repeat(spaces)}${token}`;
      return post({ ...JSON_TYPE, authorization }, Buffer.from('{"query":"{ viewer { subject } }"}'), true);
    });
  },
};

export const LOADS = Object.keys(loads);

loads[name]?.();
