import pg from 'pg';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { type LaunchedProgram, launchProgram, type Program, startProgram } from '../support/program.js';

export const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
export const ZONE = 'sky-ai.com';

/** Every answer takes so long, so that a process that dies often dies between what it asked for and the answer. */
const ANSWER_MS = 100;
const LEASE_SECONDS = 2;
export const LEASE_MS = LEASE_SECONDS * 1_000;

export interface WorldOptions {
  readonly databaseUrl: string;
  readonly redisUrl?: string | null;
  /** Of the real time that DigitalOcean takes. */
  readonly timeScale: number;
  /** Decides every random instant: the same seed is the same run, as far as the machine allows. */
  readonly seed: number;
}

/** Two APIs as processes of their own, a sandbox, and as many workers as are started. */
export interface World {
  readonly apis: readonly [Program, Program];
  readonly sandbox: Sandbox;
  /** How much the account held before anything was asked for. */
  readonly golden: { readonly droplets: number; readonly records: number };
  /** From 0 up to 1. */
  readonly random: () => number;
  /** By way of `sandboxUrl`, where it is given, with a token of its own for what sagas ask for. */
  launchWorker(way?: {
    readonly sandboxUrl: string;
    readonly provisioningToken: string;
  }): ReturnType<typeof launchProgram>;
  /** What no program may do, whatever is done to it: end by itself, or not stop in order where it is asked to. */
  badEnds(): string[];
  /** One connection at a time, made anew where it was lost. */
  sql<Row = any>(text: string, values?: unknown[]): Promise<Row[]>;
  tellSandbox(method: string, path: string, body?: unknown): Promise<any>;
  /** The trouble that the provider makes from now on, in place of what it made before. */
  troubleProvider(faults: readonly object[]): Promise<void>;
  /** Requests that the sandbox answered with this status. */
  answered(status: number): number;
  close(): Promise<void>;
}

export async function startWorld({ databaseUrl, redisUrl, timeScale, seed }: WorldOptions): Promise<World> {
  const statuses = new Map<number, number>();
  const sandbox = await startSandbox({
    timeScale,
    random: randomOf(~seed),
    // As DigitalOcean's, but for a token that provisions hundreds of droplets an hour.
    rateLimit: { perHour: 1_000_000, perMinute: 1_000_000 },
    log: (line) => {
      const { status } = line as { status?: number };
      if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    },
  });
  const environment = {
    DATABASE_URL: databaseUrl,
    DO_API_URL: sandbox.url,
    DO_POLL_INTERVAL_MS: '100',
    SAGA_LEASE_SECONDS: String(LEASE_SECONDS),
    ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
  };
  const apis = (await Promise.all([startProgram('api', environment), startProgram('api', environment)])) as [
    Program,
    Program,
  ];
  const programs: LaunchedProgram[] = [...apis];
  const tellSandbox = async (method: string, path: string, body?: unknown): Promise<any> => {
    const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`sandbox ${method} ${path}: ${answer.status}`);
    return answer.status === 204 ? null : answer.json();
  };
  const droplets = Object.keys(await tellSandbox('GET', 'state/droplets')).length;
  const records = (await tellSandbox('GET', `state/domains/${ZONE}`)).records.length;
  const troubleProvider = async (faults: readonly object[]) => {
    await tellSandbox('DELETE', 'faults');
    const slow = { method: '*', path: '/v2/*', probability: 1, delayMs: ANSWER_MS };
    for (const fault of [...faults, slow]) await tellSandbox('POST', 'faults', fault);
  };
  await troubleProvider([]);
  return {
    apis,
    sandbox,
    golden: { droplets, records },
    random: randomOf(seed),
    launchWorker(way) {
      const own: Record<string, string> = way
        ? { DO_API_URL: way.sandboxUrl, DO_API_TOKEN: 'any', DO_API_TOKEN_PROVISIONING: way.provisioningToken }
        : {};
      const worker = launchProgram('worker', { ...environment, ...own });
      worker.ready.catch(() => undefined); // one that nobody waited for may be killed before
      programs.push(worker);
      return worker;
    },
    badEnds: () => programs.map((program) => program.badEnd()).filter((end) => end !== null),
    async sql<Row>(text: string, values?: unknown[]): Promise<Row[]> {
      const client = new pg.Client({ connectionString: databaseUrl });
      client.on('error', () => undefined); // the query that it breaks tells
      await client.connect();
      try {
        return (await client.query(text, values)).rows;
      } finally {
        await client.end().catch(() => undefined);
      }
    },
    tellSandbox,
    troubleProvider,
    answered: (status) => statuses.get(status) ?? 0,
    async close() {
      await Promise.all(programs.map((program) => program.end('SIGKILL')));
      await sandbox.close();
    },
  };
}

/** Small, seeded and good enough to pick instants (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
