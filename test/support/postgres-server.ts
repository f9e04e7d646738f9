// The Postgres of a test run: prints where it is as one JSON line, and lives until its standard input closes.
import 'reflect-metadata';
import { startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { TEMPLATE_DATABASE } from './database.js';

const server = await startEmbeddedPostgres({
  durable: false,
  // Two test files at once, each with several processes of the program.
  settings: { max_connections: '300' },
});
try {
  await server.createDatabase(TEMPLATE_DATABASE);
  await migrate(server.url(TEMPLATE_DATABASE));
  process.stdout.write(`${JSON.stringify({ url: server.url() })}\n`);
  await new Promise((resolve) => process.stdin.once('close', resolve).resume());
} finally {
  await server.stop();
}
