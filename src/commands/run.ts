import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Parts, type RunningApp, startApp } from '../app.js';
import type { Config } from '../config.js';
import { OPERATOR } from '../core/access/roles.js';
import { startEmbeddedPostgres } from '../database/embedded-postgres.js';
import { migrate } from '../database/migrate.js';
import { ConfigError } from '../errors.js';
import { loadJwtSecret } from '../jwt-secret.js';
import { startSandbox } from '../sandbox/server.js';
import { requestBillingRun } from '../services/costs/request-billing-run.js';
import { requestSync } from '../services/inventory/request-sync.js';
import { checkProvider } from './check-provider.js';
import { seed } from './seed.js';
import { spacesOptions } from './spaces-options.js';
import { namesOf, signToken } from './token.js';
import { pingRedis, waitForServices } from './wait-for-services.js';

const DIGITALOCEAN_URL = 'https://api.digitalocean.com';
/** The sandbox takes any token. */
const SANDBOX_TOKENS = { sync: 'sandbox-sync', billing: 'sandbox-billing', provisioning: 'sandbox-provisioning' };

export interface Running extends RunningApp {
  readonly jwtSecret: string;
}

/** The whole product in one process, on embedded defaults where nothing else is configured. */
export async function runAll(config: Config, log: Logger): Promise<Running> {
  const started = await start(config, log, { api: true, worker: true });
  await requestSync(started.app, { trigger: 'schedule', requestedBy: 'startup' });
  await requestBillingRun(started.app);
  announce(config, started);
  return started;
}

/** One process of many against one database. */
export async function runPart(config: Config, log: Logger, part: 'api' | 'worker'): Promise<Running> {
  if (config.databaseUrl === null)
    throw new ConfigError(`DATABASE_URL is not set; npm run ${part} takes the database that its processes share.`);
  return start(config, log, { api: part === 'api', worker: part === 'worker' });
}

/** What is started first is stopped last: Postgres, sandbox, then the program itself. */
async function start(config: Config, log: Logger, parts: Parts): Promise<Running> {
  checkProvider(config);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const databaseUrl = config.databaseUrl ?? (await embeddedDatabase(config, log, closers));
    const provider = await findProvider(config, log, closers, parts);
    const jwtSecret = await loadJwtSecret(config);
    const spaces = spacesOptions(config, provider.digitalOceanUrl);
    const running = await waitForServices(config, log, async (use) => {
      use('DATABASE_URL', databaseUrl);
      await migrate(databaseUrl, (line) => log.info(line), config.database);
      // Before anything listens, so that the first request finds the plans. Without a token the provider is a sandbox.
      await seed(databaseUrl, { sampleRate: config.digitalOcean.tokens === null });
      if (config.redisUrl !== null) use('REDIS_URL', config.redisUrl);
      await pingRedis(config);
      return startApp({ config, log, databaseUrl, jwtSecret, spaces, ...provider }, parts);
    });
    closers.push(running.close);
    return { ...running, jwtSecret, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embeddedDatabase(config: Config, log: Logger, closers: (() => Promise<void>)[]): Promise<string> {
  const directory = join(config.dataDir, 'postgres');
  const postgres = await startEmbeddedPostgres({
    directory,
    // The server's own lines begin with its name; the others say what we do with it.
    log: (line) => (line.startsWith('postgres: ') ? log.debug(line) : log.info(line)),
    onLost(error) {
      process.stderr.write(`${error.message}\n`);
      process.exit(1);
    },
  });
  closers.push(() => postgres.stop());
  await postgres.createDatabase('arcadia');
  return postgres.url('arcadia');
}

async function findProvider(config: Config, log: Logger, closers: (() => Promise<void>)[], parts: Parts) {
  const { tokens, url } = config.digitalOcean;
  if (tokens !== null) return { digitalOceanUrl: url ?? DIGITALOCEAN_URL, digitalOceanTokens: tokens };
  if (url !== null) return { digitalOceanUrl: url, digitalOceanTokens: SANDBOX_TOKENS };
  if (!(parts.api && parts.worker)) {
    throw new ConfigError(
      'DO_API_TOKEN is not set; set it, or DO_API_URL to a sandbox that every process shares (npm run sandbox).',
    );
  }
  const sandbox = await startSandbox({
    port: config.sandbox.port,
    stateDir: join(config.dataDir, 'sandbox'),
    timeScale: config.sandbox.timeScale ?? 0.1,
  });
  closers.push(() => sandbox.close());
  log.info({ url: sandbox.url }, 'DigitalOcean sandbox started: no DO_API_TOKEN is set');
  return { digitalOceanUrl: sandbox.url, digitalOceanTokens: SANDBOX_TOKENS };
}

function announce(config: Config, { server, jwtSecret }: Running): void {
  if (!server) return;
  const lines = [
    '',
    `  arcadia-cloud is ready.`,
    '',
    `  GraphiQL    ${server.url}/graphql`,
    `  GraphQL     ${server.url}/graphql (HTTP and WebSocket)`,
    `  Health      ${server.url}/api/health, ${server.url}/api/ready, ${server.url}/metrics`,
  ];
  if (!config.production) {
    const claims = { tenantId: OPERATOR, roles: [OPERATOR], subject: 'operator@local', hours: 12 };
    const token = signToken(jwtSecret, { ...claims, ...namesOf(config.jwt) });
    lines.push(
      '',
      '  Operator token, for 12 hours:',
      `  ${token}`,
      '',
      '  GraphiQL, signed in:',
      `  ${server.url}/graphql#token=${token}`,
    );
  }
  process.stdout.write(`${lines.join('\n')}\n\n`);
}
