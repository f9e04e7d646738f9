import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { tokenOf } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postRaw } from '../support/graphql.js';
import { type Program, startProgram } from '../support/program.js';

let database: TestDatabase;
let program: Program;
beforeAll(async () => {
  database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    `with one as (
       insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
       values ('acme', '2026-01-01', 'draft', 'AUD', 0, 0, 0, now()) returning id)
     insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents, amount_cents, currency, meta)
     select one.id, n, 'addon', 'line', 1, 'month', 0, 0, 'AUD', '{}' from one, generate_series(1, 300) n`,
  );
  await client.end();
  program = await startProgram('api', { DATABASE_URL: database.url, DO_API_URL: 'http://127.0.0.1:9' });
});
afterAll(async () => {
  await program?.end('SIGTERM');
  await database?.drop();
});

const residentMb = (): number => {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.process.pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1_024;
};

it.each([3, 4])('of the program stays within 300 MB of idle while lists nest %i deep, ten at once', async (times) => {
  const query = `{ invoices(first: 1) { nodes { ${'lines { invoice { '.repeat(times)} id ${'} } '.repeat(times)} } } }`;
  const token = tokenOf('acme', ['member']);
  await postRaw(program.url, '{ viewer { subject } }', {}, token);
  const idle = residentMb();
  let peak = idle;
  const watching = setInterval(() => {
    peak = Math.max(peak, residentMb());
  }, 20);
  const answers = await Promise.all(Array.from({ length: 10 }, () => postRaw(program.url, query, {}, token)));
  clearInterval(watching);
  for (const { body } of answers) expect(body.errors?.[0]?.extensions['code']).toBe('QUERY_TOO_COMPLEX');
  expect(peak - idle).toBeLessThan(300);
  expect((await fetch(`${program.url}/api/health`)).status).toBe(200);
});
