import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

/** The program with this command in production, with a secret and without a provider's token. */
async function runInProduction(command: string, environment: Record<string, string> = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'arcadia-production-'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', './scripts/swc-register.js', 'src/main.ts', command],
    {
      cwd: join(import.meta.dirname, '..'),
      encoding: 'utf8',
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        ARCADIA_JWT_SECRET: 'a secret of more than thirty-two bytes, for tests',
        DATA_DIR: dataDir,
        PORT: '0',
        ...environment,
      },
    },
  );
  const left = await readdir(dataDir);
  await rm(dataDir, { recursive: true });
  return { status, output: stdout + stderr, left };
}

const NO_TOKEN =
  'DO_API_TOKEN is not set; production takes a token. SANDBOX_IN_PRODUCTION=allow serves a sample account instead.\n';

it.each([
  ['start', {}, NO_TOKEN],
  ['start', { DO_API_URL: 'http://127.0.0.1:9' }, NO_TOKEN],
  ['api', { DATABASE_URL: 'postgres://127.0.0.1:9/x', DO_API_URL: 'http://127.0.0.1:9' }, NO_TOKEN],
  ['sandbox', {}, 'NODE_ENV is "production"; there the sandbox starts with SANDBOX_IN_PRODUCTION=allow alone.\n'],
])('%s with %j is refused in one line, before anything is made', async (command, environment, line) => {
  expect(await runInProduction(command, environment)).toEqual({ status: 1, output: line, left: [] });
});
