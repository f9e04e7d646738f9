import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { QUEUE_NAMES } from '../../src/context.js';
import type { ConnectionLimits } from '../../src/database/watched-client.js';
import { QueueSystem } from '../../src/jobs/queues.js';
import { createTestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { hasRedis, startRedis } from '../support/redis.js';

const LIMITS: ConnectionLimits = {
  connectTimeoutMs: 500,
  silenceMs: 400,
  statementTimeoutMs: 20_000,
  sessionSettings: true,
};
const REDIS_TIMEOUT_MS = 1_000;
const CONCURRENCY = Object.fromEntries(QUEUE_NAMES.map((name) => [name, 5])) as never;

const lines: { level: number; msg: string }[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });

let target: { readonly url: string; stop(): Promise<unknown> };
let proxy: FaultProxy;
let queues: QueueSystem;
let ran: string[];
let sawJob = () => {};

async function startWorking(): Promise<void> {
  ran = [];
  await queues.work(
    {
      note: async ({ what }) => {
        ran.push(what as string);
        sawJob();
      },
    },
    { concurrency: CONCURRENCY, lockMs: 2_000 },
  );
}

async function hasRun(what: string): Promise<void> {
  while (!ran.includes(what)) {
    await new Promise<void>((resolve) => {
      sawJob = resolve;
    });
  }
}

/** One job through each queue; how long that took, in milliseconds. */
async function workEach(name: string): Promise<number> {
  const startedMs = performance.now();
  for (const queue of QUEUE_NAMES) {
    await queues.add(queue, 'note', { what: `${name} ${queue}` }, { id: `${name} ${queue}` });
  }
  for (const queue of QUEUE_NAMES) await hasRun(`${name} ${queue}`);
  return performance.now() - startedMs;
}

const stores = {
  Postgres: async () => {
    const database = await createTestDatabase();
    target = { url: database.url, stop: () => database.drop() };
    proxy = await startFaultProxy(target.url);
    queues = QueueSystem.onPostgres(proxy.url, log, LIMITS);
  },
  Redis: async () => {
    target = await startRedis();
    proxy = await startFaultProxy(target.url);
    queues = QueueSystem.onRedis(proxy.url, log, REDIS_TIMEOUT_MS);
  },
};

for (const [store, start] of Object.entries(stores)) {
  const describeStore = store === 'Redis' && !hasRedis ? describe.skip : describe;
  describeStore(`queues on ${store}`, () => {
    beforeEach(async () => {
      lines.length = 0;
      await start();
      await startWorking();
      await workEach('before');
    });
    afterEach(async () => {
      await proxy.heal();
      await queues.close();
      await proxy.stop();
      await target.stop();
    });

    it('work again after two seconds in which each new connection ended at once, and do not fill the log', async () => {
      await proxy.accept('reset');
      proxy.reset();
      for (let n = 0; n < 10; n++) {
        await proxy.accept(n % 2 === 0 ? 'close' : 'reset');
        await sleep(200);
      }
      await proxy.heal();
      await workEach('after');
      await queues.ping();
      expect(queues.workersUp()).toEqual({ working: 6, wanted: 6 });
      const lost = lines.filter(({ msg }) => msg.endsWith('lost; connecting again'));
      expect(lost.length).toBeGreaterThan(0);
      expect(lost.length).toBeLessThan(4);
      expect(lines.length).toBeLessThan(20);
    }, 30_000);

    it('work again where each connection is cut right after it was made', async () => {
      // Passes what is needed to sign in, then resets: whoever took the connection never used it.
      const cutting = setInterval(() => proxy.reset(), 15);
      await sleep(2_000);
      clearInterval(cutting);
      await workEach('after');
    }, 30_000);

    it('work again where every connection is silently lost', async () => {
      proxy.blackHole();
      const tookMs = await workEach('after');
      expect(tookMs).toBeLessThan(25_000);
    }, 30_000);

    it('take a job within a second while the store is away, and run it once it is back', async () => {
      await proxy.accept('refuse');
      proxy.reset();
      const startedMs = performance.now();
      await queues.add('metering', 'note', { what: 'owed' }, { id: 'owed' });
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      await proxy.heal();
      await hasRun('owed');
      expect(ran.filter((what) => what === 'owed')).toHaveLength(1);
      while (queues.owedCount() > 0) await sleep(20);
    }, 30_000);

    it('take a job within a second while the store is silent', async () => {
      await proxy.vanish();
      const startedMs = performance.now();
      await queues.add('metering', 'note', { what: 'owed' }, { id: 'owed' });
      expect(performance.now() - startedMs).toBeLessThan(2_000);
      await proxy.heal();
      await hasRun('owed');
    }, 30_000);
  });
}

(hasRedis ? it : it.skip)(
  'schedules run again after Redis lost everything while it was away',
  async () => {
    await stores.Redis();
    await startWorking();
    await queues.schedule([{ id: 'often', queue: 'metering', job: 'note', everyMs: 300 }]);
    const redis = new Redis(target.url);
    sawJob = () => {};
    await new Promise<void>((resolve) => {
      sawJob = resolve;
    });
    await proxy.accept('refuse');
    proxy.reset();
    await redis.flushall();
    await proxy.heal();
    ran.length = 0;
    await new Promise<void>((resolve) => {
      sawJob = resolve;
    });
    redis.disconnect();
    await queues.close();
    await proxy.stop();
    await target.stop();
  },
  30_000,
);
