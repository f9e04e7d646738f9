import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-postgres-error.js';
import type { Location } from './find-location.js';
import { CLUSTER_NAME, endServer } from './stale-server.js';
import { type Supervised, supervise } from './supervise.js';

export interface Server {
  readonly pid: number;
  readonly port: number;
  /** `keep`: a temporary directory stays. */
  stop(options?: { readonly keep: boolean }): Promise<void>;
}

export interface ServerOptions {
  readonly port: number | undefined;
  readonly settings: Record<string, string>;
  readonly log: (line: string) => void;
  /** The server and all its processes are gone, and nobody asked for that. */
  readonly onEnd?: () => void;
}

const READY = 'database system is ready to accept connections';
const PORT_TAKEN = 'Address already in use';
/** Backends of a killed server that have not noticed yet. */
const LEFTOVER_BACKENDS = 'pre-existing shared memory block';
const ATTEMPTS = 50;

export async function startServer(location: Location, dataDirectory: string, options: ServerOptions): Promise<Server> {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const said: string[] = [];
    const server = await tryToStart(location, dataDirectory, port, options, said);
    if (server) return server;
    const portLost = options.port === undefined && said.some((line) => line.includes(PORT_TAKEN));
    const tooEarly = said.some((line) => line.includes(LEFTOVER_BACKENDS));
    if (attempt === ATTEMPTS || !(portLost || tooEarly)) {
      throw new EmbeddedPostgresError(`Postgres did not start in ${location.directory}: ${reason(said)}`);
    }
    await sleep(100);
  }
}

async function tryToStart(
  location: Location,
  dataDirectory: string,
  port: number,
  options: ServerOptions,
  said: string[],
): Promise<Server | null> {
  const settings = { ...options.settings, port: String(port), cluster_name: CLUSTER_NAME };
  const command = [join(location.binaries, 'bin', 'postgres'), '-D', dataDirectory];
  for (const [name, value] of Object.entries(settings)) command.push('-c', `${name}=${value}`);

  let phase: 'starting' | 'running' | 'stopping' = 'starting';
  let ready = () => {};
  const becameReady = new Promise<true>((resolve) => {
    ready = () => resolve(true);
  });
  const onLine = (line: string) => {
    if (phase === 'running') options.log(`postgres: ${line}`);
    if (phase !== 'starting') return;
    said.push(line);
    if (line.includes(READY)) ready();
  };
  const process: Supervised = await supervise(command, {
    user: location.user,
    onLine,
    removeAtEnd: location.temporary ? location.root : '',
  });

  if (!(await Promise.race([becameReady, process.ended.then(() => false)]))) {
    await process.stop({ keep: true });
    return null;
  }
  phase = 'running';
  process.unref();
  void process.ended.then(() => {
    if (phase !== 'running') return;
    phase = 'stopping';
    options.log(`the Postgres server in ${location.directory} ended by itself`);
    options.onEnd?.();
  });
  return {
    pid: process.pid,
    port,
    async stop(how) {
      phase = 'stopping';
      await process.stop(how);
      await endServer(process.pid); // still there only where somebody killed the supervisor
    },
  };
}

/** What Postgres said last that is not routine. */
function reason(said: readonly string[]): string {
  const telling = said.filter((line) => !/^LOG: {2}(starting|listening|database system)/.test(line));
  return (telling.length > 0 ? telling : said).slice(-4).join(' ') || 'it ended without a word';
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
