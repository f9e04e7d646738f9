import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Migrated once a test run, then cloned for each test file. */
export const TEMPLATE_DATABASE = 'template_arcadia';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A database of its own with our schema and no rows. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (server === undefined) throw new Error('TEST_POSTGRES_URL is not set: tests run through jest.config.js');
  const name = `test_${randomBytes(8).toString('hex')}`;
  await clone(server, name);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server, `drop database if exists ${name} with (force)`) };
}

/** Postgres clones a template only while nobody is connected to it, and another test file may be cloning right now. */
async function clone(server: string, name: string): Promise<void> {
  const BEING_ACCESSED = '55006';
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      return await run(server, `create database ${name} template ${TEMPLATE_DATABASE}`);
    } catch (error) {
      if ((error as pg.DatabaseError).code !== BEING_ACCESSED || Date.now() > deadline) throw error;
      await sleep(50);
    }
  }
}

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
