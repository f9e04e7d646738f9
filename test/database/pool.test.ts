import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../../src/database/data-source.js';
import { createPool } from '../../src/database/pool.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
let db: DataSource;
const lost: Error[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool({ connectionString: database.url, application_name: 'cut' }, (error) => lost.push(error));
  db = await createDataSource({ url: database.url }).initialize();
});
afterAll(async () => {
  await pool.end();
  await db.destroy();
  await database.drop();
});

/** Ends a connection that is lent out while nothing is asked on it. */
async function cut(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query('select pg_backend_pid() as pid');
  const ended = new Promise((resolve) => client.once('end', resolve));
  await db.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await ended;
}

describe('a connection that is cut', () => {
  it('while it is lent out tells who asks on it next, and goes', async () => {
    const client = await pool.connect();
    await cut(client);
    await expect(client.query('select 1')).rejects.toThrow(/not queryable|closed/);
    client.release();
    expect(pool.totalCount).toBe(0);
    expect((await pool.query('select 2 as n')).rows).toEqual([{ n: 2 }]);
    expect(lost).toEqual([]);
  });

  it('while it rests is told of, and another takes its place', async () => {
    await pool.query('select 1');
    const told = new Promise((resolve) => pool.once('error', resolve));
    await db.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'cut'`);
    await told;
    expect(lost.map(({ message }) => message)).toEqual(['terminating connection due to administrator command']);
    expect((await pool.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
  });

  it('harms nothing of the pool that serves the writes', async () => {
    const { master } = db.driver as unknown as { master: pg.Pool };
    const client = await master.connect();
    await cut(client);
    client.release();
    expect(await db.query('select 4 as n')).toEqual([{ n: 4 }]);
  });
});
