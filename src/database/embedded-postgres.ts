import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { claimCluster } from './embedded/claim-cluster.js';
import { EmbeddedPostgresError } from './embedded/embedded-postgres-error.js';
import { findLocation, type Location } from './embedded/find-location.js';
import { initialiseCluster, SUPERUSER } from './embedded/initialise-cluster.js';
import { endStaleServer } from './embedded/stale-server.js';
import { type Server, startServer } from './embedded/start-server.js';
import { watchedClient } from './watched-client.js';

export interface EmbeddedPostgres {
  readonly pid: number;
  readonly port: number;
  /** With the password: never log it. */
  url(database?: string): string;
  /** Makes the database unless it exists. */
  createDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Where the cluster lives, as `.data/postgres`; left out: a temporary one that goes when it stops. */
  readonly directory?: string;
  /** Left out: a free one. */
  readonly port?: number;
  /** False, for tests: a crash of the machine may lose data; one of the program or of Postgres still loses nothing. */
  readonly durable?: boolean;
  /** Postgres settings on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: (line: string) => void;
  /**
   * Given: a server that ends by itself is started again on the same data and port, and this is called if that fails. Left
   * out: it is left alone.
   */
  readonly onLost?: (error: Error) => void;
}

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '',
  log_checkpoints: 'off',
  // Statements and the values in them stay out of the log; callers get their errors themselves.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};
const NOT_DURABLE = { fsync: 'off', full_page_writes: 'off' };

/**
 * Runs a Postgres of our own, on this machine's loopback alone. It lives no longer than this process, however that ends.
 * Throws EmbeddedPostgresError with one line for the user, as where another program has the same directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durable = true, log = () => {} } = options;
  const location = await findLocation(options.directory, log);
  const claim = await claimCluster(location.root, location.directory);
  try {
    await endStaleServer(`${location.root}/data`, log);
    const cluster = await initialiseCluster(location, durable);
    const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE), ...options.settings };
    const start = (port: number | undefined, onEnd?: () => void) =>
      startServer(location, cluster.dataDirectory, { port, settings, log, ...(onEnd ? { onEnd } : {}) });
    const server = await keepRunning(start, options);
    return handle(location, server, cluster.password, claim.release);
  } catch (error) {
    await claim.release();
    if (location.temporary) await rm(location.root, { recursive: true, force: true });
    throw error;
  }
}

const RESTARTS = { most: 5, withinMs: 60_000, pauseMs: 500 };

type Start = (port: number | undefined, onEnd?: () => void) => Promise<Server>;

/** The server, and where it ends by itself the one that takes its place. */
async function keepRunning(start: Start, { port, onLost, log = () => {} }: EmbeddedPostgresOptions): Promise<Server> {
  if (!onLost) return start(port);
  let isStopping = false;
  let restarting: Promise<void> = Promise.resolve();
  let restarts: number[] = [];

  async function restart(): Promise<void> {
    const now = performance.now();
    restarts = [...restarts.filter((at) => now - at < RESTARTS.withinMs), now];
    try {
      await current.stop({ keep: true }); // what supervised it
      if (isStopping) return;
      if (restarts.length > RESTARTS.most) throw new Error(`it ended ${restarts.length} times within a minute`);
      await sleep(RESTARTS.pauseMs);
      current = await start(current.port, onEnd);
      log(`the Postgres server was started again, process ${current.pid}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!isStopping) onLost?.(new EmbeddedPostgresError(`The embedded Postgres could not be started again: ${why}`));
    }
  }
  function onEnd(): void {
    restarting = restart();
  }

  let current = await start(port, onEnd);
  return {
    get pid() {
      return current.pid;
    },
    port: current.port,
    async stop() {
      isStopping = true;
      await restarting;
      await current.stop();
    },
  };
}

function handle(location: Location, server: Server, password: string, release: () => Promise<void>): EmbeddedPostgres {
  const url = (database = 'postgres') =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${server.port}/${encodeURIComponent(database)}`;
  let stopped: Promise<void> | undefined;
  return {
    get pid() {
      return server.pid;
    },
    port: server.port,
    url,
    createDatabase: (name) => createDatabase(url(), name),
    stop() {
      stopped ??= server.stop().then(location.temporary ? undefined : release);
      return stopped;
    },
  };
}

async function createDatabase(url: string, name: string): Promise<void> {
  const client = new (watchedClient())({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } catch (error) {
    const DUPLICATE_DATABASE = '42P04';
    if ((error as pg.DatabaseError).code !== DUPLICATE_DATABASE) throw error;
  } finally {
    await client.end();
  }
}
