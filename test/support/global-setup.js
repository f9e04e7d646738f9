import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** One Postgres for the whole run, in a process of its own: jest loads this file without our TypeScript. */
export default async function startPostgres() {
  const server = spawn(process.execPath, ['--import', './scripts/swc-register.js', 'test/support/postgres-server.ts'], {
    cwd: new URL('../..', import.meta.url),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { url } = await new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).once('line', (line) => resolve(JSON.parse(line)));
    server.once('exit', () => reject(new Error('the Postgres of the tests did not start; its reason stands above')));
    server.once('error', reject);
  });
  process.env.TEST_POSTGRES_URL = url;
  globalThis.testPostgres = server;
}
