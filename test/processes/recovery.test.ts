import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { postGraphql } from '../support/graphql.js';
import { type LaunchedProgram, launchProgram, startProgram } from '../support/program.js';
import { gql, present } from '../support/typed-document.js';

const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
const LEASE_SECONDS = 2;
const START_SYNC = gql('mutation { startSync(scopes: [FIREWALLS]) { runs { id } } }');
const RUNS = gql('query { syncRuns(first: 5) { edges { node { id status } } } }');

let database: TestDatabase;
let sandbox: Sandbox;
let proxy: FaultProxy;
const programs: LaunchedProgram[] = [];
/** Milliseconds until work went on, for each fault. */
const table: [string, number][] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  sandbox = await startSandbox({ timeScale: 0, rateLimit: null });
  proxy = await startFaultProxy(database.url);
});
afterEach(async () => {
  await proxy.heal();
  await Promise.all(programs.splice(0).map((program) => program.end('SIGKILL')));
});
afterAll(async () => {
  await proxy.stop();
  await sandbox.close();
  await database.drop();
  process.stdout.write(`${table.map(([fault, ms]) => `${fault}: ${(ms / 1_000).toFixed(1)} s`).join('\n')}\n`);
});

const environment = (more: Record<string, string> = {}) => ({
  DATABASE_URL: proxy.url,
  DO_API_URL: sandbox.url,
  SAGA_LEASE_SECONDS: String(LEASE_SECONDS),
  DATABASE_SILENCE_MS: '1000',
  DATABASE_CONNECT_TIMEOUT_MS: '1000',
  ...more,
});

async function both(more: Record<string, string> = {}) {
  const [api, worker] = await Promise.all([
    startProgram('api', environment(more)),
    startProgram('worker', environment(more)),
  ]);
  programs.push(api, worker);
  await workGoesOn(api.url);
  return { api, worker };
}

/** Asks for syncs until one that was asked for after this call is completed; how long that took. */
async function workGoesOn(url: string): Promise<number> {
  const startedMs = performance.now();
  let wanted: string | null = null;
  for (;;) {
    try {
      wanted ??= present(present((await postGraphql(url, START_SYNC, {}, OPERATOR)).body.data).startSync.runs[0]).id;
      const { body } = await postGraphql(url, RUNS, {}, OPERATOR);
      const run = present(body.data).syncRuns.edges.find(({ node }) => node.id === wanted)?.node;
      if (run?.status === 'COMPLETED') return performance.now() - startedMs;
      if (run?.status === 'FAILED') wanted = null;
    } catch {
      // refused for as long as the fault lasts
    }
    await sleep(50);
  }
}

async function measure(fault: string, url: string, limitMs: number): Promise<void> {
  const ms = await workGoesOn(url);
  table.push([fault, ms]);
  expect(ms).toBeLessThan(limitMs);
}

describe('a start', () => {
  it('waits for a database that is down, says which variable, and works once it is there', async () => {
    await proxy.accept('refuse');
    const worker = launchProgram('worker', environment());
    programs.push(worker);
    while (!worker.output().includes('DATABASE_URL (127.0.0.1:')) await sleep(50);
    // Cut in the middle of what a start does, too.
    await proxy.accept('reset');
    await sleep(500);
    await proxy.heal();
    await worker.ready;
    expect(worker.output().split('trying again for up to 300 s').length - 1).toBeLessThan(4);
  }, 60_000);

  it('survives that its connections are cut while it starts', async () => {
    const worker = launchProgram('worker', environment());
    programs.push(worker);
    const cutting = setInterval(() => proxy.reset(), 40);
    await sleep(6_000);
    clearInterval(cutting);
    await worker.ready;
    expect(worker.badEnd()).toBeNull();
  }, 60_000);

  it('ends with one line where the database does not come in time', async () => {
    await proxy.accept('refuse');
    const worker = launchProgram('worker', environment({ START_TIMEOUT_SECONDS: '1' }));
    programs.push(worker);
    await expect(worker.ready).rejects.toThrow('the program ended with 1');
    expect(worker.output()).toMatch(/DATABASE_URL \(127\.0\.0\.1:\d+\) cannot be reached: .*Gave up after 1 s/);
  }, 60_000);
});

describe('work goes on', () => {
  it('on Postgres after each fault of its connections, without a restart of ours', async () => {
    const { api, worker } = await both();
    proxy.reset();
    await measure('Postgres: every connection reset', api.url, 5_000);
    await proxy.accept('refuse');
    proxy.reset();
    await sleep(2_000);
    await proxy.heal();
    await measure('Postgres: away for 2 s', api.url, 5_000 + LEASE_SECONDS * 1_000);
    proxy.blackHole();
    await measure('Postgres: every connection silently lost', api.url, 30_000);
    await proxy.vanish();
    await sleep(2_000);
    await proxy.heal();
    await measure('Postgres: host silently gone for 2 s', api.url, 30_000);
    expect([api.badEnd(), worker.badEnd()]).toEqual([null, null]);
  }, 120_000);
});
