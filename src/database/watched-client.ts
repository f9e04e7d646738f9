import type { Socket } from 'node:net';
import pg from 'pg';

/** How long this process waits for the database. */
export interface ConnectionLimits {
  /** For a connection to be made and to sign in. */
  readonly connectTimeoutMs: number;
  /** For the next bytes of an answer, before a second connection checks whether the server is still at work on it. */
  readonly silenceMs: number;
  /** For any one statement, by the server's clock; 0: for ever. */
  readonly statementTimeoutMs: number;
  /** False: nothing is set as a connection starts, which a connection pooler would refuse. */
  readonly sessionSettings: boolean;
}

export const DEFAULT_LIMITS: ConnectionLimits = {
  connectTimeoutMs: 5_000,
  silenceMs: 5_000,
  statementTimeoutMs: 600_000,
  sessionSettings: true,
};

/** A connection that was ended by us: nothing came back any more. */
export class SilentConnectionError extends Error {
  override readonly name = 'SilentConnectionError';
  readonly code = 'ETIMEDOUT';
}

const KEEP_ALIVE_MS = 10_000;
/**
 * A transaction that gets no statement holds its locks, and the live streams, no longer than this: less than the 30 s in
 * which work continues after any lost connection.
 */
export const MAX_IDLE_IN_TRANSACTION_MS = 20_000;
/** An answer that was on its way when the second connection looked. */
const GRACE_MS = 1_000;
/** For the server to close after we have said goodbye. */
const END_MS = 5_000;
/** Answers of the check in a row that say the same, where one alone may be chance. */
const STRIKES = 2;

export interface WatchedClient extends pg.Client {
  /** Whether nothing can be asked of it any more. */
  readonly isLost: boolean;
  /** From now on this connection is asked something whenever it rests: for one that only listens. */
  pingWhenIdle(): void;
}
export type WatchedClientClass = new (config?: string | pg.ClientConfig) => WatchedClient;

/** What pg knows of a connection and has no name for in public. */
interface Internals {
  readonly connection: { readonly stream: Socket };
  readonly processID: number | null;
  readonly readyForQuery: boolean;
}

const made = new WeakMap<ConnectionLimits, WatchedClientClass>();

/**
 * A pg client whose loss never goes unnoticed and never ends the process. TCP tells of a peer that is gone without a word
 * only after minutes, or never where somebody on the way answers for it. So an answer that does not come is followed up by
 * a second connection: where the server is at work on the statement the client waits on, else the connection is destroyed,
 * and what waits for it fails with SilentConnectionError.
 * The second connection also terminates the backend of the lost one, whose transaction would otherwise hold its locks until
 * the server learns of the loss by its own keepalive and time limits.
 */
export function watchedClient(limits: ConnectionLimits = DEFAULT_LIMITS): WatchedClientClass {
  const known = made.get(limits);
  if (known) return known;

  class Watched extends pg.Client {
    isLost = false;
    private pings = false;
    private stopWatching = () => {};

    constructor(given?: string | pg.ClientConfig) {
      const config = withLimits(typeof given === 'string' ? { connectionString: given } : (given ?? {}), limits);
      super(config);
      // Whoever waits for an answer is told by it; a connection that is lost while nobody does has nobody to tell.
      this.on('error', () => {
        this.isLost = true;
      });
      this.once('end', () => {
        this.isLost = true;
      });
      this.once('connect', () => this.watch(config));
    }

    pingWhenIdle(): void {
      this.pings = true;
    }

    override end(...args: unknown[]): Promise<void> {
      this.stopWatching();
      const { stream } = (this as unknown as Internals).connection;
      const timer = setTimeout(() => stream.destroy(), END_MS).unref();
      this.once('end', () => clearTimeout(timer));
      return super.end(...(args as [])) as unknown as Promise<void>;
    }

    private watch(config: pg.ClientConfig): void {
      const internals = this as unknown as Internals;
      const { stream } = internals.connection;
      let bytesRead = stream.bytesRead;
      const startedMs = performance.now();
      let heardMs = startedMs;
      let pingedMs = heardMs;
      let isChecking = false;
      const strikes = { unreachable: 0, stuck: 0 };

      const hasHeard = () => {
        if (stream.bytesRead === bytesRead) return false;
        bytesRead = stream.bytesRead;
        strikes.unreachable = 0;
        strikes.stuck = 0;
        return true;
      };
      const lose = (why: string) => {
        const seconds = Math.round((performance.now() - heardMs) / 1_000);
        stream.destroy(new SilentConnectionError(`Connection terminated: nothing for ${seconds} s, and ${why}`));
      };
      const check = async () => {
        const backend = { processId: internals.processID, startedMs };
        const found = await findBackend(config, limits, backend);
        if (found === 'gone') await new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref());
        if (hasHeard() || internals.readyForQuery || stream.destroyed) return;
        strikes.unreachable = found === 'unreachable' ? strikes.unreachable + 1 : 0;
        strikes.stuck = found === 'stuck' ? strikes.stuck + 1 : 0;
        if (found === 'gone') lose('the server is not at work on it');
        else if (strikes.stuck === STRIKES) lose('the server waits for us');
        else if (strikes.unreachable === STRIKES) lose('the server cannot be reached');
        if (stream.destroyed) void terminateBackend(config, limits, backend);
      };
      const look = () => {
        if (isChecking) return;
        const now = performance.now();
        if (internals.readyForQuery || hasHeard()) {
          heardMs = now;
          if (!internals.readyForQuery || !this.pings || now - pingedMs < limits.silenceMs / 2) return;
          pingedMs = now;
          this.query('select 1').catch(() => undefined); // a loss is told by its event
        } else if (now - heardMs >= limits.silenceMs) {
          isChecking = true;
          void check().finally(() => {
            isChecking = false;
          });
        }
      };
      const timer = setInterval(look, limits.silenceMs / 5).unref();
      this.stopWatching = () => clearInterval(timer);
      this.once('end', this.stopWatching);
    }
  }
  made.set(limits, Watched as unknown as WatchedClientClass);
  return Watched as unknown as WatchedClientClass;
}

/** With what each connection asks of both ends. The password may not be enumerable, so that it is in no log. */
function withLimits(given: pg.ClientConfig, limits: ConnectionLimits): pg.ClientConfig {
  const config = Object.defineProperties({}, Object.getOwnPropertyDescriptors(given)) as pg.ClientConfig;
  config.connectionTimeoutMillis = limits.connectTimeoutMs;
  config.keepAlive = true;
  config.keepAliveInitialDelayMillis = KEEP_ALIVE_MS;
  if (!limits.sessionSettings) return config;
  const settings = {
    tcp_keepalives_idle: KEEP_ALIVE_MS / 1_000,
    tcp_keepalives_interval: 5,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 20_000,
    idle_in_transaction_session_timeout: MAX_IDLE_IN_TRANSACTION_MS,
    statement_timeout: limits.statementTimeoutMs,
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  config.options = [...options, given.options ?? ''].join(' ').trim();
  return config;
}

/** The server process of one connection; `startedMs`: by our monotonic clock, when the connection was signed in. */
interface Backend {
  readonly processId: number | null;
  readonly startedMs: number;
}

/**
 * What another connection sees of a backend: `working` on its statement; `stuck` on the network, reading from us or writing
 * to us; `gone`, or waiting for a statement that it has answered or never got. `unreachable`: there is no answer.
 */
async function findBackend(
  config: pg.ClientConfig,
  limits: ConnectionLimits,
  { processId }: Backend,
): Promise<'working' | 'stuck' | 'gone' | 'unreachable'> {
  // Behind a pooler its number means nothing; the statement's own limit is all there is.
  if (!limits.sessionSettings) return 'working';
  try {
    const text = 'select state, wait_event_type from pg_stat_activity where pid = $1';
    const rows = await queryOnce(config, limits, text, [processId]);
    if (rows[0]?.['state'] !== 'active') return 'gone';
    return rows[0]['wait_event_type'] === 'Client' ? 'stuck' : 'working';
  } catch (error) {
    // A server that reports an error is there: it is starting, ending, or has no connection left.
    return error instanceof pg.DatabaseError ? 'working' : 'unreachable';
  }
}

/** Rolls back what a lost connection has open, as soon as the server can be reached and before its own time limit does. */
async function terminateBackend(
  config: pg.ClientConfig,
  limits: ConnectionLimits,
  { processId, startedMs }: Backend,
): Promise<void> {
  // The age tells it from a later session with the same process id.
  const text = `select pg_terminate_backend(pid) from pg_stat_activity
    where pid = $1 and backend_start <= clock_timestamp() - $2::float8 * interval '1 second'`;
  const untilMs = performance.now() + MAX_IDLE_IN_TRANSACTION_MS;
  while (performance.now() < untilMs) {
    const ageSeconds = (performance.now() - startedMs) / 1_000;
    try {
      await queryOnce(config, limits, text, [processId, ageSeconds]);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, GRACE_MS).unref());
    }
  }
}

/** On a connection of its own. */
async function queryOnce(
  config: pg.ClientConfig,
  limits: ConnectionLimits,
  text: string,
  values: unknown[],
): Promise<Record<string, unknown>[]> {
  const probe = new pg.Client({ ...plain(config), query_timeout: limits.connectTimeoutMs });
  probe.on('error', () => undefined);
  const { stream } = (probe as unknown as Internals).connection;
  stream.unref(); // a process that stops does not wait for it
  try {
    await probe.connect();
    return (await probe.query(text, values)).rows;
  } finally {
    probe.end().catch(() => undefined);
    stream.destroy();
  }
}

function plain(config: pg.ClientConfig): pg.ClientConfig {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(config)) as pg.ClientConfig;
  return Object.assign(copy, { application_name: 'arcadia-cloud check', pipeline: false, types: undefined });
}
