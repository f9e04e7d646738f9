// A program with an embedded Postgres, for the tests to kill: options as JSON in, one JSON line out, stops when told.
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

const log: string[] = [];
try {
  const options = JSON.parse(process.argv[2] ?? '{}');
  const server = await startEmbeddedPostgres({ ...options, log: (line) => log.push(line) });
  process.stdout.write(`${JSON.stringify({ pid: server.pid, port: server.port, url: server.url(), log })}\n`);
  process.stdin.once('data', () => server.stop().then(() => process.exit(0)));
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: String(error), log })}\n`);
  process.exit(1);
}
