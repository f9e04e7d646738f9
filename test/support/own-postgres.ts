import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findLocation } from '../../src/database/embedded/find-location.js';
import { supervise } from '../../src/database/embedded/supervise.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';

const DATABASE = 'arcadia';

/** A Postgres of one test's own, which may be crashed; its URL stays the same. */
export interface OwnPostgres {
  readonly url: string;
  /** Hands out transaction ids of which nothing reaches the disk, so that a crash now takes them back. */
  burnTransactionIds(count: number): Promise<void>;
  /** As if its machine lost power; accepts connections again once this resolves. */
  crash(): Promise<void>;
  /** One backend dies; the postmaster ends the others and recovers, and its start time stays. */
  crashBackend(): Promise<void>;
  restart(): Promise<void>;
  /** A streaming standby of it. */
  startStandby(): Promise<Standby>;
  stop(): Promise<void>;
}

export interface Standby {
  readonly url: string;
  /** Resolves once it has replayed all that the primary has written until now. */
  catchUp(): Promise<void>;
  promote(): Promise<void>;
  stop(): Promise<void>;
}

const SETTINGS = {
  // What is not flushed by a commit stays unwritten for long enough.
  wal_writer_delay: '10s',
  autovacuum: 'off',
  max_wal_size: '96MB',
  min_wal_size: '32MB',
  max_connections: '300',
};

/** In `directory`, which stays, or in a temporary one; with our schema. */
export async function startOwnPostgres(options: { readonly directory?: string } = {}): Promise<OwnPostgres> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'arcadia-own-')));
  await chmod(directory, 0o755);
  const start = (port?: number) =>
    startEmbeddedPostgres({ directory, durable: false, settings: SETTINGS, ...(port ? { port } : {}) });
  let server: EmbeddedPostgres = await start();
  await server.createDatabase(DATABASE);
  const url = server.url(DATABASE);
  await migrate(url);
  const restart = async () => {
    const { port } = server;
    await server.stop();
    server = await start(port);
  };
  return {
    url,
    burnTransactionIds: (count) =>
      onClient(url, async (client) => {
        await client.query(
          `do $$ begin for n in 1..${count} loop perform pg_current_xact_id(); commit; end loop; end $$`,
        );
      }),
    async crash() {
      process.kill(server.pid, 'SIGQUIT');
      await restart();
    },
    async crashBackend() {
      await onClient(url, async (client) => {
        const pid = (await client.query('select pg_backend_pid() as pid')).rows[0].pid;
        const ended = new Promise((resolve) => client.once('end', resolve));
        process.kill(pid, 'SIGKILL');
        await ended;
      });
      await untilAccepted(url);
    },
    restart,
    async startStandby() {
      await server.stop();
      const copy = `${directory}-standby`;
      await cp(directory, copy, { recursive: true, preserveTimestamps: true });
      server = await start(Number(new URL(url).port));
      return startStandby(copy, url);
    },
    async stop() {
      await server.stop();
      if (!options.directory) await rm(directory, { recursive: true, force: true });
    },
  };
}

async function startStandby(directory: string, primaryUrl: string): Promise<Standby> {
  const place = await findLocation(directory, () => undefined);
  const { uid, gid } = place.user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const data = join(directory, 'data');
  await rm(join(data, 'postmaster.pid'), { force: true });
  await writeFile(join(data, 'standby.signal'), '');
  execFileSync('chown', ['-R', `${uid}:${gid}`, data]);
  await chmod(data, 0o700);
  const primary = new URL(primaryUrl);
  const port = Number(primary.port) + 1;
  const settings = {
    ...SETTINGS,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
    primary_conninfo: `host=127.0.0.1 port=${primary.port} user=${primary.username} password=${primary.password}`,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = await supervise([join(place.binaries, 'bin', 'postgres'), '-D', data, ...flags], {
    user: place.user,
    onLine: () => undefined,
    removeAtEnd: '',
  });
  const url = primaryUrl.replace(`:${primary.port}/`, `:${port}/`);
  await untilAccepted(url);
  return {
    url,
    async catchUp() {
      const lsn = await onClient(primaryUrl, async (client) => {
        return (await client.query('select pg_current_wal_flush_lsn() as lsn')).rows[0].lsn;
      });
      await onClient(url, async (client) => {
        for (;;) {
          const { rows } = await client.query('select pg_last_wal_replay_lsn() >= $1::pg_lsn as done', [lsn]);
          if (rows[0].done) return;
          await sleep(20);
        }
      });
    },
    async promote() {
      await onClient(url, (client) => client.query('select pg_promote(true, 60)'));
    },
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function onClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined); // the statement that it breaks rejects
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Up to half a minute. */
async function untilAccepted(url: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await onClient(url, async (client) => void (await client.query('select 1')));
    } catch (error) {
      if (attempt === 300) throw error;
      await sleep(100);
    }
  }
}
