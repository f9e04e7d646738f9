import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createDataSource } from '../../src/database/data-source.js';
import { createPool } from '../../src/database/pool.js';
import { createReads } from '../../src/database/reads.js';
import { type ConnectionLimits, MAX_IDLE_IN_TRANSACTION_MS } from '../../src/database/watched-client.js';
import { createPostgresWakes } from '../../src/services/live/postgres-wakes.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';

const LIMITS: ConnectionLimits = {
  connectTimeoutMs: 500,
  silenceMs: 400,
  statementTimeoutMs: 20_000,
  sessionSettings: true,
};

let database: TestDatabase;
let proxy: FaultProxy;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
});
afterAll(async () => {
  await proxy.stop();
  await database.drop();
});
afterEach(() => proxy.heal());

const pools: { end(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.end();
});
function poolOf(limits: ConnectionLimits = LIMITS) {
  const pool = createPool({ connectionString: proxy.url, max: 1 }, () => undefined, limits);
  pools.push(pool);
  return pool;
}

describe('a connection that is silently lost', () => {
  it('fails what waits for it, and the pool goes on with another', async () => {
    const pool = poolOf();
    await pool.query('select 1');
    proxy.blackHole();
    await expect(pool.query('select 1')).rejects.toThrow(/^Connection terminated: nothing for .* not at work on it$/);
    expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }]);
  });

  it('loses its transaction, and the next one works', async () => {
    const db = await createDataSource({ url: proxy.url, poolSize: 1, limits: LIMITS }).initialize();
    pools.push({ end: () => db.destroy() });
    const lost = db.transaction(async (manager) => {
      await manager.query('create table lost ()');
      proxy.blackHole();
      await manager.query('select 1');
    });
    await expect(lost).rejects.toThrow('Connection terminated: nothing for');
    expect(await db.query(`select to_regclass('lost') as made`)).toEqual([{ made: null }]);
  });

  it('gives its locks to the next transaction, though the server never hears of the loss', async () => {
    const db = await createDataSource({ url: proxy.url, poolSize: 2, limits: LIMITS }).initialize();
    pools.push({ end: () => db.destroy() });
    await db.query('create table if not exists locked (id int primary key)');
    await db.query('insert into locked values (1)');
    let next: Promise<unknown> | null = null;
    const lost = db.transaction(async (manager) => {
      await manager.query('select from locked for update');
      proxy.blackHole();
      next = db.transaction((other) => other.query('select id from locked for update'));
      await manager.query('select 1');
    });
    await expect(lost).rejects.toThrow('Connection terminated: nothing for');
    const lostMs = performance.now();
    expect(await next).toEqual([{ id: 1 }]);
    expect(performance.now() - lostMs).toBeLessThan(MAX_IDLE_IN_TRANSACTION_MS / 2);
  });

  it('is replaced under pipelined reads, each of which is answered all the same', async () => {
    const reads = createReads(proxy.url, () => undefined, { limits: LIMITS });
    pools.push(reads);
    const ask = () =>
      Promise.all([...Array(40).keys()].map((n) => reads.query<{ n: number }>('select $1::int as n', [n])));
    const wanted = [...Array(40).keys()].map((n) => [{ n }]);
    expect(await ask()).toEqual(wanted);
    proxy.blackHole();
    expect(await ask()).toEqual(wanted);
  });

  it('is noticed where it only listens', async () => {
    const log = pino({ level: 'silent' });
    const listening = await createPostgresWakes(proxy.url, log, LIMITS);
    const other = await createPostgresWakes(database.url, log);
    pools.push({ end: () => listening.close() }, { end: () => other.close() });
    proxy.blackHole();
    // Heard once more when it listens again: wakes may have been lost meanwhile.
    await new Promise<void>((resolve) => listening.onWake('topic', resolve));
    const heard = new Promise<void>((resolve) => listening.onWake('topic', resolve));
    other.wake('topic');
    await heard;
  });
});

describe('a database that is silently gone', () => {
  it('fails what waits for it within the limits, and serves again once it is back', async () => {
    const pool = poolOf();
    await pool.query('select 1');
    await proxy.vanish();
    await expect(pool.query('select 1')).rejects.toThrow(/^Connection terminated: nothing for .* cannot be reached$/);
    await expect(pool.query('select 1')).rejects.toThrow('timeout expired');
    await proxy.heal();
    expect((await pool.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
  });

  it('does not keep the process from stopping', async () => {
    const pool = createPool({ connectionString: proxy.url, max: 1 }, () => undefined, LIMITS);
    await pool.query('select 1');
    await proxy.vanish();
    await pool.end();
  }, 10_000);
});

describe('a statement that takes long', () => {
  it('is waited for, however long nothing comes', async () => {
    const { rows } = await poolOf().query(`select 'done' as it, pg_sleep(3)`);
    expect(rows[0].it).toBe('done');
  });

  it('ends by its own limit', async () => {
    const pool = poolOf({ ...LIMITS, statementTimeoutMs: 200 });
    await expect(pool.query('select pg_sleep(5)')).rejects.toThrow('canceling statement due to statement timeout');
  });
});

describe('the session', () => {
  const settings = `select name, setting from pg_settings where source = 'client' and name ~ 'tcp|timeout' order by name`;

  it('ends what a lost client holds, by keepalive and time limits of the server', async () => {
    const { rows } = await poolOf().query(settings);
    expect(rows.map(({ name, setting }) => `${name}=${setting}`)).toEqual([
      'idle_in_transaction_session_timeout=20000',
      'statement_timeout=20000',
      'tcp_keepalives_count=3',
      'tcp_keepalives_idle=10',
      'tcp_keepalives_interval=5',
      'tcp_user_timeout=20000',
    ]);
  });

  it('is left alone where start-up settings are off', async () => {
    expect((await poolOf({ ...LIMITS, sessionSettings: false }).query(settings)).rows).toEqual([]);
  });
});
