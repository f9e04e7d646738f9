import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { postGraphql } from '../support/graphql.js';
import { type Program, startProgram } from '../support/program.js';

export const OPERATOR = tokenOf('platform-admin', ['platform-admin']);

export interface WorldOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | null;
  /** Of the real time that DigitalOcean takes. */
  readonly timeScale: number;
  /** Decides every random instant: the same seed is the same run, as far as the machine allows. */
  readonly seed: number;
}

/** Two APIs as processes of their own, a sandbox, and as many workers as are started. */
export interface World {
  readonly apis: readonly [Program, Program];
  readonly sandbox: Sandbox;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** By way of `sandboxUrl`, where it is given, with a token of its own for what sagas ask for. */
  startWorker(way?: { readonly sandboxUrl: string; readonly provisioningToken: string }): Promise<Program>;
  data(query: string, variables?: object): Promise<any>;
  /** One connection at a time, made anew where it was lost. */
  sql<Row = any>(text: string, values?: unknown[]): Promise<Row[]>;
  tellSandbox(method: string, path: string, body?: unknown): Promise<any>;
  close(): Promise<void>;
}

export async function startWorld({ databaseUrl, redisUrl, timeScale, seed }: WorldOptions): Promise<World> {
  const sandbox = await startSandbox({ timeScale, rateLimit: null });
  const environment = {
    DATABASE_URL: databaseUrl,
    DO_API_URL: sandbox.url,
    DO_POLL_INTERVAL_MS: '100',
    SAGA_LEASE_SECONDS: '2',
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  };
  const apis = (await Promise.all([startProgram('api', environment), startProgram('api', environment)])) as [
    Program,
    Program,
  ];
  const workers: Program[] = [];
  const sql = async <Row>(text: string, values?: unknown[]): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: databaseUrl });
    client.on('error', () => undefined); // the query that it breaks tells
    await client.connect();
    try {
      return (await client.query(text, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  return {
    apis,
    sandbox,
    random: randomOf(seed),
    async startWorker(way) {
      const own: Record<string, string> = way
        ? {
            DO_API_URL: way.sandboxUrl,
            DO_API_TOKEN: 'any',
            DO_API_TOKEN_PROVISIONING: way.provisioningToken,
          }
        : {};
      const worker = await startProgram('worker', { ...environment, ...own });
      workers.push(worker);
      return worker;
    },
    async data(query, variables) {
      const { body } = await postGraphql(apis[0].url, query, variables, OPERATOR);
      if (body.errors) throw new Error(JSON.stringify(body.errors));
      return body.data;
    },
    sql,
    async tellSandbox(method, path, body) {
      const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`sandbox ${method} ${path}: ${answer.status}`);
      return answer.status === 204 ? null : answer.json();
    },
    async close() {
      await Promise.all([...apis, ...workers].map((program) => program.end('SIGKILL')));
      await sandbox.close();
    },
  };
}

/** Small, seeded and good enough to pick instants (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A way to the sandbox on which what is asked with one token is noted. */
export interface NotedWay {
  readonly url: string;
  /** The first line of each request, in order. */
  asked(): readonly string[];
  close(): Promise<void>;
}

export async function notedWay(sandbox: Sandbox, token: string): Promise<NotedWay> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(sandbox.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      if (text.includes(`Bearer ${token}`)) asked.push(text.slice(0, text.indexOf('\r\n')));
      upstream.write(chunk);
    });
    upstream.on('data', (chunk) => client.write(chunk));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: () => asked,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
