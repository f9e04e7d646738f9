import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { processIdentity } from '../../src/database/embedded/process-identity.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';

const isRoot = process.getuid?.() === 0;
const NOBODY = { uid: 65534, gid: 65534 };
const cleanups: (() => unknown)[] = [];
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'arcadia-cluster-'));
  await chmod(directory, 0o755);
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe('an embedded Postgres', () => {
  it('keeps its rows and its password from one start to the next', async () => {
    const first = await start({ directory });
    await query(first.url(), "CREATE TABLE kept AS SELECT 'there' AS word");
    await first.stop();
    const second = await start({ directory });
    expect(await query(second.url(), 'SELECT word FROM kept')).toEqual([{ word: 'there' }]);
    expect(new URL(second.url()).password).toBe(new URL(first.url()).password);
    expect((await stat(join(directory, 'password'))).mode & 0o777).toBe(0o600);
  });

  it('is durable and reachable over loopback alone unless asked otherwise', async () => {
    const server = await start({ directory });
    const shown = await query(
      server.url(),
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit',
       'max_connections', 'listen_addresses', 'unix_socket_directories') ORDER BY name`,
    );
    expect(shown.map(({ name, setting }) => [name, setting])).toEqual([
      ['fsync', 'on'],
      ['full_page_writes', 'on'],
      ['listen_addresses', '127.0.0.1'],
      ['max_connections', '200'],
      ['synchronous_commit', 'on'],
      ['unix_socket_directories', ''],
    ]);
    const wrong = new URL(server.url());
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('takes settings on top of its own', async () => {
    const server = await start({ durable: false, settings: { max_connections: '300' } });
    expect(await query(server.url(), 'SHOW max_connections')).toEqual([{ max_connections: '300' }]);
    expect(await query(server.url(), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
  });

  it('starts again on the same data and port where it is killed alone', async () => {
    const lost: Error[] = [];
    const said: string[] = [];
    let sawLine = () => {};
    const server = await start({
      directory,
      onLost: (error) => lost.push(error),
      log: (line) => {
        said.push(line);
        sawLine();
      },
    });
    await query(server.url(), "CREATE TABLE kept AS SELECT 'there' AS word");
    const { pid, port } = server;
    for (let kills = 1; kills <= 2; kills++) {
      process.kill(server.pid, 'SIGKILL');
      while (said.filter((line) => line.includes('was started again')).length < kills) {
        await new Promise<void>((done) => {
          sawLine = done;
        });
      }
    }
    expect(server.pid).not.toBe(pid);
    expect(server.port).toBe(port);
    expect(await query(server.url(), 'SELECT word FROM kept')).toEqual([{ word: 'there' }]);
    expect(lost).toEqual([]);
    await server.stop();
    expect(processIdentity(server.pid)).toBeNull();
  }, 60_000);

  it('makes a database once', async () => {
    const server = await start({ durable: false });
    await server.createDatabase('odd "name"');
    await server.createDatabase('odd "name"');
    const [row] = await query(server.url('odd "name"'), 'SELECT current_database() AS name');
    expect(row).toEqual({ name: 'odd "name"' });
  });

  it('stops without a trace where it is temporary', async () => {
    const server = await start({ durable: false });
    const [row] = await query(server.url(), 'SHOW data_directory');
    const root = dirname(String(row?.data_directory));
    const supervisor = parentOf(server.pid);
    expect(existsSync(root)).toBe(true);
    await Promise.all([server.stop(), server.stop()]);
    expect([processIdentity(server.pid), processIdentity(supervisor), existsSync(root)]).toEqual([null, null, false]);
  });

  it('says why Postgres refuses to start', async () => {
    await expect(start({ directory, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /^Postgres did not start in .*: .*invalid value for parameter "shared_buffers": "plenty"/,
    );
    await (await start({ directory })).stop(); // the failed start left no claim behind
  });

  it('says so where its port is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    cleanups.push(() => holder.close());
    const { port } = holder.address() as { port: number };
    await expect(start({ directory, port })).rejects.toThrow('Address already in use');
  });

  it('is not held up by a lock file whose pid means another process by now', async () => {
    await (await start({ directory })).stop();
    await writeFile(join(directory, 'data', 'postmaster.pid'), `${process.pid}\n${directory}/data\n`);
    const server = await start({ directory });
    expect(await query(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

describe('a program with an embedded Postgres', () => {
  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('takes its server along when it ends by %s', async (signal) => {
    const program = await launch({ directory });
    await query(program.url, 'CREATE TABLE committed AS SELECT 1 AS id');
    const supervisor = parentOf(program.pid);
    program.process.kill(signal);
    await once(program.process, 'exit');
    // At once, while the old server may still be shutting down.
    const next = await start({ directory });
    expect(await query(next.url(), 'SELECT id FROM committed')).toEqual([{ id: 1 }]);
    await until(() => processIdentity(program.pid) === null && processIdentity(supervisor) === null);
  });

  it('leaves no temporary cluster behind when it is killed', async () => {
    const program = await launch({ durable: false });
    const [row] = await query(program.url, 'SHOW data_directory');
    program.process.kill('SIGKILL');
    await until(() => processIdentity(program.pid) === null && !existsSync(dirname(String(row?.data_directory))));
  });

  it('is succeeded even where its supervisor was killed with it and the server runs on', async () => {
    const program = await launch({ directory });
    await query(program.url, 'CREATE TABLE committed AS SELECT 1 AS id');
    process.kill(parentOf(program.pid), 'SIGKILL');
    program.process.kill('SIGKILL');
    await once(program.process, 'exit');
    expect(processIdentity(program.pid)).not.toBeNull();
    const next = await start({ directory });
    expect(processIdentity(program.pid)).toBeNull();
    expect(await query(next.url(), 'SELECT id FROM committed')).toEqual([{ id: 1 }]);
  });

  it('stops its server by itself where only the supervisor was killed', async () => {
    const program = await launch({ directory });
    process.kill(parentOf(program.pid), 'SIGKILL');
    program.process.stdin?.write('stop\n');
    await once(program.process, 'exit');
    expect(processIdentity(program.pid)).toBeNull();
  });

  it('starts again after Postgres itself was killed', async () => {
    const program = await launch({ directory });
    await query(program.url, 'CREATE TABLE committed AS SELECT 1 AS id');
    process.kill(program.pid, 'SIGKILL');
    program.process.kill('SIGKILL');
    await once(program.process, 'exit');
    const next = await start({ directory });
    expect(await query(next.url(), 'SELECT id FROM committed')).toEqual([{ id: 1 }]);
  });

  it('refuses a directory that another program has, and harms nothing', async () => {
    const first = await launch({ directory });
    await expect(start({ directory })).rejects.toThrow(
      new Error(`${directory} is in use by another arcadia-cloud, process ${first.process.pid}.`),
    );
    expect(await query(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is the only one of four that start at once on a new directory', async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => launch({ directory })));
    const winners = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(winners).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status !== 'rejected') continue;
      expect(outcome.reason.message).toContain(`in use by another arcadia-cloud, process ${winners[0]?.process.pid}.`);
    }
  });

  it('starts afresh where it was killed while the cluster was being made', async () => {
    const killed = spawnProgram({ directory });
    const unfinished = () => listed(directory).find((name) => name.startsWith('data.unfinished'));
    await until(() => listed(join(directory, unfinished() ?? 'none')).includes('base'));
    killed.kill('SIGKILL');
    expect(existsSync(join(directory, 'data'))).toBe(false);
    const server = await start({ directory });
    expect(await query(server.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(listed(directory).sort()).toEqual(['data', 'owner.json', 'password']);
  });
});

describe('the user that runs it', () => {
  const asRoot = isRoot ? it : it.skip;

  asRoot('is not root, nor kept out by a directory that is closed to it', async () => {
    await chmod(directory, 0o700);
    const log: string[] = [];
    const first = await start({ directory, log: (line) => log.push(line) });
    const [row] = await query(first.url(), 'SHOW data_directory');
    const root = dirname(String(row?.data_directory));
    cleanups.push(() => rm(root, { recursive: true, force: true }));
    expect(log).toEqual([expect.stringContaining(`${directory}: its data is kept in ${root}`)]);
    expect(root).toMatch(/^\/var\/lib\/arcadia-cloud\/[0-9a-f]{12}$/);
    expect((await stat(join(root, 'data'))).uid).not.toBe(0);
    await query(first.url(), 'CREATE TABLE kept AS SELECT 1 AS id');
    await first.stop();

    const second = await start({ directory });
    expect(await query(second.url(), 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    await second.stop();

    await rm(directory, { recursive: true }); // whoever removes the directory means the data
    await mkdir(directory, { mode: 0o700 });
    const third = await start({ directory });
    await expect(query(third.url(), 'SELECT id FROM kept')).rejects.toThrow('"kept" does not exist');
  });

  asRoot('is the one who started the program, where that is no root', async () => {
    if (
      spawnSync('/bin/sh', ['-c', '[ -x "$1" ]', 'sh', resolve('node_modules')], { ...NOBODY, cwd: '/' }).status !== 0
    ) {
      return; // this clone is closed to other users
    }
    await chown(directory, NOBODY.uid, NOBODY.gid);
    const program = await launch({ directory }, NOBODY);
    expect((await stat(join(directory, 'data'))).uid).toBe(NOBODY.uid);
    program.process.stdin?.write('stop\n');
    await once(program.process, 'exit');
    const later = await start({ directory }); // and root goes on with that user's cluster
    expect(await query(later.url(), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await stat(join(directory, 'data', 'postmaster.pid'))).uid).toBe(NOBODY.uid);
  });
});

async function start(options: Parameters<typeof startEmbeddedPostgres>[0]): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options);
  cleanups.push(() => server.stop());
  return server;
}

interface Program {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly url: string;
}

/** Resolves once its server runs; rejects with what it said instead. */
async function launch(options: object, user: object = {}): Promise<Program> {
  const child = spawnProgram(options, user);
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  const told = JSON.parse(line);
  if (told.error) throw new Error(told.error);
  return { process: child, pid: told.pid, url: told.url };
}

function spawnProgram(options: object, user: object = {}): ChildProcess {
  const program = join(import.meta.dirname, 'embedded-postgres-program.ts');
  const child = spawn(
    process.execPath,
    ['--import', resolve('scripts/swc-register.js'), program, JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'], ...user },
  );
  cleanups.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  return child;
}

async function query(connectionString: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // the server is killed under some of these
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function parentOf(pid: number): number {
  if (!existsSync('/proc/self/stat')) {
    return Number(spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
  }
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

function listed(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error('it did not come about within 20 s');
    await new Promise((done) => setTimeout(done, 5));
  }
}
