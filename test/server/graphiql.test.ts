import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveGraphiql } from '../../src/server/graphiql.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const SCRIPT = 'console.log("the page");';
let parent: string;
let built: Server;
let notBuilt: Server;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'arcadia-graphiql-'));
  const page = join(parent, 'public');
  await mkdir(join(page, 'assets'), { recursive: true });
  await writeFile(join(parent, 'secret.js'), 'secret');
  await writeFile(join(page, '.stamp'), 'hidden');
  await writeFile(join(page, 'notes.txt'), 'of no type that the page uses');
  await writeFile(join(page, 'index.html'), '<title>arcadia-cloud</title>');
  await writeFile(join(page, 'assets/main-abc123.js'), SCRIPT);
  await writeFile(join(page, 'assets/main-abc123.js.gz'), gzipSync(SCRIPT));
  built = await listen(page);
  notBuilt = await listen(join(parent, 'nothing'));
});

afterAll(async () => {
  for (const server of [built, notBuilt]) {
    server.close();
    await once(server, 'close');
  }
  await rm(parent, { recursive: true });
});

describe('GraphiQL over HTTP', () => {
  it('is what a browser gets at /graphql, allowed to reach this server alone', async () => {
    const { status, headers, body } = await get('/graphql', BROWSER);
    expect([status, headers['content-type'], body.toString()]).toEqual([
      200,
      'text/html; charset=utf-8',
      '<title>arcadia-cloud</title>',
    ]);
    expect(headers['cache-control']).toBe('no-cache');
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy.join()).not.toContain('http');
  });

  it.each([
    ['a client that takes JSON', 'GET', '/graphql', { accept: 'application/graphql-response+json, application/json' }],
    ['a client that says nothing', 'GET', '/graphql', {}],
    ['a query of a client', 'GET', '/graphql?query=%7Bviewer%7Bsubject%7D%7D', { accept: '*/*' }],
    ['an operation', 'POST', '/graphql', BROWSER],
    ['another path', 'GET', '/graphiqlx', BROWSER],
  ])('leaves %s to the API', async (_who, method, path, headers) => {
    expect((await send(built, method, path, headers)).status).toBe(418);
  });

  it('is what a browser gets whatever query the address carries', async () => {
    const { status, body } = await get('/graphql?query=%7Bviewer%7Bsubject%7D%7D', BROWSER);
    expect([status, body.toString()]).toEqual([200, '<title>arcadia-cloud</title>']);
  });

  it('serves assets for good, compressed to who takes it', async () => {
    const plain = await get('/graphiql/assets/main-abc123.js', {});
    expect(plain.body.toString()).toBe(SCRIPT);
    expect(plain.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    });
    const packed = await get('/graphiql/assets/main-abc123.js', { 'accept-encoding': 'br, gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip'); // there is no .br of it
    expect(gunzipSync(packed.body).toString()).toBe(SCRIPT);
    const rejected = await get('/graphiql/assets/main-abc123.js', { 'accept-encoding': 'gzip;q=0' });
    expect(rejected.body.toString()).toBe(SCRIPT);
  });

  it('answers HEAD with the headers alone', async () => {
    const { status, headers, body } = await send(built, 'HEAD', '/graphiql/assets/main-abc123.js', {});
    expect([status, headers['content-length'], body.length]).toEqual([200, String(SCRIPT.length), 0]);
  });

  it.each([
    '/graphiql/../secret.js',
    '/graphiql/assets/../../secret.js',
    '/graphiql/%2e%2e/secret.js',
    '/graphiql/..%2fsecret.js',
    '/graphiql//secret.js',
    '/graphiql/.stamp',
    '/graphiql/notes.txt',
    '/graphiql/assets',
    '/graphiql/assets/main-abc123.js%00.css',
    '/graphiql/assets/absent.js',
  ])('has nothing at %s', async (path) => {
    expect((await get(path, BROWSER)).status).toBe(404);
  });

  it('refuses to be written to, and leads its own address to the page', async () => {
    expect((await send(built, 'POST', '/graphiql/assets/main-abc123.js', {})).status).toBe(405);
    const { status, headers } = await get('/graphiql/', BROWSER);
    expect([status, headers['location']]).toEqual([308, '/graphql']);
  });

  it('says how to build the page where it is not built', async () => {
    const { status, headers, body } = await send(notBuilt, 'GET', '/graphql', BROWSER);
    expect([status, headers['content-type']]).toEqual([503, 'text/html; charset=utf-8']);
    expect(body.toString()).toContain('npm run build');
  });
});

async function listen(directory: string): Promise<Server> {
  const server = createServer((req, res) => {
    if (!serveGraphiql(req, res, directory)) res.writeHead(418).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function get(path: string, headers: object) {
  return send(built, 'GET', path, headers);
}

/** The path goes out as it is written: fetch would tidy it first. */
async function send(server: Server, method: string, path: string, headers: object) {
  const { port } = server.address() as AddressInfo;
  const outgoing = request({ host: '127.0.0.1', port, method, path, headers: { ...headers }, agent: false }).end();
  const [response] = await once(outgoing, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
}
