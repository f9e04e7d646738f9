import 'reflect-metadata';
import { type Running, runAll, runPart } from './commands/run.js';
import { seed } from './commands/seed.js';
import { namesOf, readTokenArguments, signToken } from './commands/token.js';
import { UnreachableError, waitForServices } from './commands/wait-for-services.js';
import { type Config, readConfig } from './config.js';
import { migrate } from './database/migrate.js';
import { ConfigError } from './errors.js';
import { loadJwtSecret } from './jwt-secret.js';
import { createLogger } from './log.js';
import { startSandbox } from './sandbox/server.js';

const commands: Readonly<Record<string, (config: Config, args: readonly string[]) => Promise<void>>> = {
  start: (config) => serve((log) => runAll(config, log), config),
  api: (config) => serve((log) => runPart(config, log, 'api'), config),
  worker: (config) => serve((log) => runPart(config, log, 'worker'), config),
  async migrate(config) {
    if (config.databaseUrl === null)
      throw new ConfigError('DATABASE_URL is not set; npm start migrates its own embedded database.');
    await onDatabase(config, config.databaseUrl, async (url) => {
      await migrate(url, (line) => process.stdout.write(`${line}\n`), config.database);
      await seed(url);
    });
  },
  async seed(config) {
    if (config.databaseUrl === null)
      throw new ConfigError('DATABASE_URL is not set; npm start seeds its own embedded database.');
    await onDatabase(config, config.databaseUrl, seed);
    process.stdout.write('the catalog is seeded\n');
  },
  async token(config, args) {
    if (config.production) throw new ConfigError('NODE_ENV is "production"; there tokens come from the issuer alone.');
    const claims = { ...readTokenArguments(args), ...namesOf(config.jwt) };
    process.stdout.write(`${signToken(await loadJwtSecret(config), claims)}\n`);
  },
  async sandbox(config) {
    const { port, timeScale, allowInProduction } = config.sandbox;
    if (config.production && !allowInProduction)
      throw new ConfigError(
        'NODE_ENV is "production"; there the sandbox starts with SANDBOX_IN_PRODUCTION=allow alone.',
      );
    const sandbox = await startSandbox({ port, stateDir: `${config.dataDir}/sandbox`, timeScale: timeScale ?? 1 });
    process.stdout.write(`DigitalOcean sandbox: ${sandbox.url}\n`);
    stopOnSignal(() => sandbox.close());
  },
};

/** Waits for the database as a start does. */
function onDatabase(config: Config, url: string, work: (url: string) => Promise<unknown>): Promise<unknown> {
  return waitForServices(config, createLogger(config.logLevel), (use) => {
    use('DATABASE_URL', url);
    return work(url);
  });
}

async function serve(run: (log: ReturnType<typeof createLogger>) => Promise<Running>, config: Config): Promise<void> {
  const log = createLogger(config.logLevel);
  const running = await run(log);
  if (running.server) log.info({ url: running.server.url }, 'listening');
  else log.info('working');
  stopOnSignal(async () => {
    log.info('stopping');
    await running.close();
    log.info('stopped');
  });
}

/** The first signal stops in order; a second one, or a stop that takes too long, ends the process as it is. */
function stopOnSignal(stop: () => Promise<void>): void {
  const STOP_WITHIN_MS = 25_000;
  let stopping = false;
  const onSignal = () => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), STOP_WITHIN_MS).unref();
    stop().then(
      () => process.exit(0),
      (error) => {
        process.stderr.write(`stopping failed: ${error instanceof Error ? error.stack : String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

async function main([name = 'start', ...args]: readonly string[]): Promise<void> {
  const command = commands[name];
  if (!command) throw new ConfigError(`There is no command ${name}; there are ${Object.keys(commands).join(', ')}.`);
  // The lockfile pins a version of the SDK that supports Node 20; its advice to upgrade is not for who runs this program.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  await command(readConfig(process.env), args);
}

/** A bug, not a fault from outside: those are answered where they occur. The process ends, and what it held is taken up by others. */
function endAfterBug(kind: string) {
  return (error: unknown) => {
    process.stderr.write(`${kind}, ending: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(70);
  };
}
process.on('uncaughtException', endAfterBug('uncaught exception'));
process.on('unhandledRejection', endAfterBug('unhandled rejection'));

main(process.argv.slice(2)).catch((error) => {
  // What the user can mend is one line; anything else is a bug, and its stack helps to find it.
  const isTheirs =
    error instanceof ConfigError || error instanceof UnreachableError || error?.name === 'EmbeddedPostgresError';
  process.stderr.write(`${isTheirs ? error.message : (error?.stack ?? error)}\n`);
  process.exit(1);
});
