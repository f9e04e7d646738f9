import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postGraphql } from '../support/graphql.js';
import { startProgram } from '../support/program.js';
import { gql } from '../support/typed-document.js';

const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MARGIN = gql(
  `{ plans { code } margin(period: "2026-04-01") { currency } fxRates { base quote effectiveFrom rate } }`,
);

let database: TestDatabase;
let client: pg.Client;
let sandbox: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0, rateLimit: null });
});
afterAll(() => sandbox.close());
beforeEach(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const rateOf = async () =>
  (await client.query(`select base, quote, trim_scale(rate)::text as rate from fx_rates`)).rows;

/** Runs a command of the program to its end; answers its exit code. */
async function command(name: string, environment: Record<string, string>): Promise<number> {
  const child = spawn(process.execPath, ['--import', './scripts/swc-register.js', 'src/main.ts', name], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...environment },
    stdio: 'ignore',
  });
  return (await once(child, 'exit'))[0];
}

it('an API that is ready for the first time has its plans, and the sandbox account a rate', async () => {
  const api = await startProgram('api', { DATABASE_URL: database.url, DO_API_URL: sandbox.url });
  try {
    expect((await fetch(`${api.url}/api/ready`)).status).toBe(200);
    const { body } = await postGraphql(api.url, MARGIN, {}, OPERATOR);
    expect(body).toEqual({
      data: {
        plans: [{ code: 'pro' }, { code: 'starter' }, { code: 'studio' }],
        margin: { currency: 'AUD' },
        fxRates: [{ base: 'USD', quote: 'AUD', effectiveFrom: '2014-12-01', rate: '1.5' }],
      },
    });
  } finally {
    await api.end('SIGTERM');
  }
});

it('keeps the rate that an operator has set', async () => {
  await client.query(`insert into fx_rates values ('USD', 'AUD', '2026-01-01', 1.43)`);
  const api = await startProgram('api', { DATABASE_URL: database.url, DO_API_URL: sandbox.url });
  await api.end('SIGTERM');
  expect(await rateOf()).toEqual([{ base: 'USD', quote: 'AUD', rate: '1.43' }]);
});

it('a real account gets the catalog and no rate, from a process and from npm run migrate', async () => {
  expect(await command('migrate', { DATABASE_URL: database.url })).toBe(0);
  const codes = async () => (await client.query('select code from plans order by code')).rows.map((row) => row.code);
  expect(await codes()).toEqual(['pro', 'starter', 'studio']);
  const token = { DO_API_TOKEN: 'dop_v1_test', DO_API_URL: 'http://127.0.0.1:9' };
  const api = await startProgram('api', { DATABASE_URL: database.url, ...token });
  await api.end('SIGTERM');
  expect(await rateOf()).toEqual([]);
});

it('a process that is refused for want of a provider leaves no rate behind', async () => {
  expect(await command('worker', { DATABASE_URL: database.url })).toBe(1);
  expect(await rateOf()).toEqual([]);
});
