import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { postGraphql } from '../support/graphql.js';
import { type OwnPostgres, startOwnPostgres } from '../support/own-postgres.js';
import { type LaunchedProgram, type Program, startProgram } from '../support/program.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { gql, present } from '../support/typed-document.js';

const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
/** Of the worker that is killed; 30 in production, and nothing else of the limit depends on it. */
const LEASE_SECONDS = 4;
const START_SYNC = gql('mutation { startSync(scopes: [FIREWALLS]) { runs { id } } }');
const RUNS = gql('query { syncRuns(first: 20) { edges { node { id status } } } }');

let postgres: OwnPostgres;
let redis: TestRedis | null;
let sandbox: Sandbox;
let proxies: { readonly postgres: FaultProxy; readonly redis: FaultProxy | null; readonly provider: FaultProxy };
let api: Program;
const programs: LaunchedProgram[] = [];
/** Milliseconds until work continued, for each fault. */
const table: [string, number][] = [];

/** Every time limit has its production default. */
const environment = () => ({
  DATABASE_URL: proxies.postgres.url,
  DO_API_URL: proxies.provider.url.replace(/\/$/, ''),
  ...(proxies.redis ? { REDIS_URL: proxies.redis.url } : {}),
});

beforeAll(async () => {
  postgres = await startOwnPostgres();
  redis = hasRedis ? await startRedis() : null;
  sandbox = await startSandbox({ timeScale: 0, rateLimit: null });
  proxies = {
    postgres: await startFaultProxy(postgres.url),
    redis: redis && (await startFaultProxy(redis.url)),
    provider: await startFaultProxy(sandbox.url),
  };
  api = await startProgram('api', environment());
  programs.push(api, await startProgram('worker', environment()));
  await untilCompleted();
}, 120_000);
afterAll(async () => {
  await Promise.all(programs.map((program) => program.end('SIGKILL')));
  for (const proxy of Object.values(proxies)) await proxy?.stop();
  await sandbox.close();
  await redis?.stop();
  await postgres.stop();
  process.stdout.write(`${table.map(([fault, ms]) => `${fault}: ${(ms / 1_000).toFixed(1)} s`).join('\n')}\n`);
});

/** Requests syncs until one that was requested after this call is completed. */
async function untilCompleted(): Promise<void> {
  let requested: string | null = null;
  for (;;) {
    try {
      requested ??= present(
        present((await postGraphql(api.url, START_SYNC, {}, OPERATOR)).body.data).startSync.runs[0],
      ).id;
      const status = await statusOf(requested as string);
      if (status === 'COMPLETED') return;
      if (status === 'FAILED') requested = null;
    } catch {
      // as long as the fault lasts
    }
    await sleep(50);
  }
}

async function statusOf(runId: string): Promise<string | undefined> {
  const { body } = await postGraphql(api.url, RUNS, {}, OPERATOR);
  return body.data?.syncRuns.edges.find(({ node }) => node.id === runId)?.node.status;
}

async function untilStatus(runId: string, status: string): Promise<void> {
  while ((await statusOf(runId)) !== status) await sleep(50);
}

/** The table is the measurement, to be read on a calm machine. The test fails only if work is stuck, however slow the machine. */
const STUCK_FACTOR = 4;

async function expectWithin(limitMs: number, fault: string, recovered = untilCompleted): Promise<void> {
  const startedMs = performance.now();
  await recovered();
  const ms = performance.now() - startedMs;
  table.push([fault, ms]);
  expect(ms).toBeLessThan(limitMs * STUCK_FACTOR);
  expect(programs.map((program) => program.badEnd())).toEqual(programs.map(() => null));
}

async function away(proxy: FaultProxy): Promise<void> {
  await proxy.accept('refuse');
  proxy.reset();
  await sleep(3_000);
  await proxy.heal();
}

describe('with the limits of production, work continues', () => {
  it('within 5 s once Postgres accepts connections again', async () => {
    await postgres.restart();
    await expectWithin(5_000, 'Postgres restarted');
    await postgres.crash();
    await expectWithin(5_000, 'Postgres crashed');
  }, 120_000);

  it('within 10 s once the provider is back', async () => {
    await away(proxies.provider);
    await expectWithin(10_000, 'Provider away for 3 s');
  }, 120_000);

  it('within 30 s once every connection to Postgres is silently lost', async () => {
    proxies.postgres.blackHole();
    await expectWithin(30_000, 'Postgres: connections silently lost');
  }, 180_000);

  it('within 30 s once every connection to the provider is silently lost', async () => {
    proxies.provider.blackHole();
    await expectWithin(30_000, 'Provider: connections silently lost');
  }, 180_000);

  (hasRedis ? describe : describe.skip)('on Redis', () => {
    it('within 10 s once it is back, with everything lost', async () => {
      await redis?.restart();
      await expectWithin(10_000, 'Redis restarted empty');
      await away(proxies.redis as FaultProxy);
      await expectWithin(10_000, 'Redis away for 3 s');
    }, 120_000);

    it('within 30 s once every connection is silently lost', async () => {
      proxies.redis?.blackHole();
      await expectWithin(30_000, 'Redis: connections silently lost');
    }, 180_000);
  });

  it('within its lease and 5 s once the worker that has a sync run is killed', async () => {
    const leased = { ...environment(), SAGA_LEASE_SECONDS: String(LEASE_SECONDS) };
    await programs.pop()?.end('SIGTERM');
    const killed = await startProgram('worker', leased);
    programs.push(killed);
    await proxies.provider.accept('freeze');
    proxies.provider.freeze();
    const { body } = await postGraphql(api.url, START_SYNC, {}, OPERATOR);
    const runId = present(present(body.data).startSync.runs[0]).id;
    await untilStatus(runId, 'RUNNING');
    programs.push(await startProgram('worker', leased));
    await killed.end('SIGKILL');
    await proxies.provider.heal();
    await expectWithin((LEASE_SECONDS + 5) * 1_000, `Worker with a lease of ${LEASE_SECONDS} s killed`, () =>
      untilStatus(runId, 'COMPLETED'),
    );
  }, 180_000);
});
