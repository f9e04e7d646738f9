// The fuzz test at its full length: `npm run fuzz [-- --requests 30000 --seed 7]`. Ends with 1 if anything was found.
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { TEMPLATE_DATABASE } from '../support/database.js';
import { fuzz } from './fuzz.js';
import { startFuzzWorld } from './fuzz-world.js';

const { values } = parseArgs({ options: { requests: { type: 'string' }, seed: { type: 'string' } } });
const requests = Number(values.requests ?? 30_000);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isSafeInteger(requests) || requests < 1 || !Number.isSafeInteger(seed)) {
  throw new Error('--requests takes a whole number from 1, --seed a whole number');
}

const say = (line: string) => process.stdout.write(`${line}\n`);
say(`seed ${seed}, ${requests} requests`);
const directory = await mkdtemp(join(tmpdir(), 'arcadia-fuzz-'));
const postgres = await startEmbeddedPostgres({ directory, durable: false, settings: { max_connections: '100' } });
let found = true;
try {
  await postgres.createDatabase(TEMPLATE_DATABASE);
  await migrate(postgres.url(TEMPLATE_DATABASE));
  process.env['TEST_POSTGRES_URL'] = postgres.url();
  const world = await startFuzzWorld();
  const startedMs = performance.now();
  const onProgress = (done: number) => done % 5_000 === 0 && say(`${done} requests`);
  const report = await fuzz(world, { requests, seed, onProgress });
  await world.app.close();
  const seconds = Math.round((performance.now() - startedMs) / 1_000);
  say(`${report.requests} requests at ${report.targets} inputs in ${seconds} s`);
  for (const [code, count] of Object.entries(report.codes).sort(([, a], [, b]) => b - a)) say(`  ${code} ${count}`);
  for (const finding of report.findings) say(`FOUND ${finding}`);
  say(`${report.findingCount} findings`);
  found = report.findingCount > 0;
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(found ? 1 : 0);
