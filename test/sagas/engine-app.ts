import { pino } from 'pino';
import { readConfig } from '../../src/config.js';
import type { JobData, Viewer } from '../../src/context.js';
import { type SagaStepRef, stepKey } from '../../src/core/sagas/sagas.js';
import { createDataSource } from '../../src/database/data-source.js';
import { createReads } from '../../src/database/reads.js';
import { createDigitalOcean } from '../../src/integrations/digitalocean/client.js';
import { LiveStreams } from '../../src/services/live/live-streams.js';
import { WakeListeners } from '../../src/services/live/wakes.js';
import type { SagaApp } from '../../src/services/sagas/perform-step.js';
import { runSaga } from '../../src/services/sagas/run-saga.js';
import { announceSaga, type StartedSaga, startSaga } from '../../src/services/sagas/start-saga.js';
import type { Step, StepRegistry } from '../../src/services/sagas/step.js';
import { createTestDatabase } from '../support/database.js';

export const OPERATOR: Viewer = {
  subject: 'op',
  tenantId: 'platform-admin',
  roles: ['platform-admin'],
  isOperator: true,
  expiresAt: Number.MAX_SAFE_INTEGER,
};

export interface QueuedJob {
  readonly sagaId: string;
  readonly id: string;
  readonly delayMs: number;
}

/** All of a saga that a test asserts on, as the tables have it. */
export interface StoredSaga {
  readonly status: string;
  readonly context: Record<string, unknown>;
  readonly error: string | null;
  readonly epoch: string;
  readonly leaseOwner: string | null;
  /** `index name status attempts/asks`, in order. */
  readonly ledger: string[];
  /** `type` or `type index` or `type index: message`, in order of their sequence. */
  readonly events: string[];
}

interface RunRow {
  readonly status: string;
  readonly context: Record<string, unknown>;
  readonly error: string | null;
  readonly epoch: string;
  readonly lease_owner: string | null;
  readonly last_sequence: number;
}

interface StepRow {
  readonly index: number;
  readonly name: string;
  readonly status: string;
  readonly attempts: number;
  readonly polls: number;
}

interface EventRow {
  readonly sequence: number;
  readonly type: string;
  readonly step_index: number | null;
  readonly message: string | null;
}

export interface EngineApp {
  readonly app: SagaApp;
  readonly databaseUrl: string;
  /** What was queued and not yet run. */
  readonly jobs: QueuedJob[];
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  start(steps: readonly SagaStepRef[], options?: { inputs?: object; key?: string }): Promise<StartedSaga>;
  /** Delivers one job, as a worker does. */
  deliver(id: string, registry: StepRegistry, signal?: AbortSignal): Promise<void>;
  /** As if the time had passed that the saga waits, or that its runner's lease lasts. */
  pass(id: string): Promise<void>;
  /** Delivers what the engine queues until the saga has ended, however long it asks to wait. */
  drive(id: string, registry: StepRegistry): Promise<StoredSaga>;
  stored(id: string): Promise<StoredSaga>;
  /** Every column of every row of the saga: what a refusal must leave as it was. */
  snapshot(id: string): Promise<string>;
  close(): Promise<void>;
}

const NEVER = new AbortController().signal;
const DELIVERIES = 200;

/** The engine on a database of its own, with a queue that this test works on: no provider, no server, no worker. */
export async function startEngine(
  options: { leaseSeconds?: number; digitalOceanUrl?: string; databaseUrl?: string; processId?: string } = {},
): Promise<EngineApp> {
  const database = options.databaseUrl ? null : await createTestDatabase();
  const databaseUrl = options.databaseUrl ?? (database?.url as string);
  const db = await createDataSource({ url: databaseUrl, checkRows: true }).initialize();
  const reads = createReads(databaseUrl, () => {}, { checkRows: true });
  const log = pino({ level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
  const listeners = new WakeListeners(
    async () => {},
    () => {},
  );
  const jobs: QueuedJob[] = [];
  const app: SagaApp = {
    config: readConfig({ SAGA_LEASE_SECONDS: String(options.leaseSeconds ?? 30) }),
    log,
    clock: () => new Date(),
    db,
    reads,
    digitalOcean: createDigitalOcean({
      baseUrl: options.digitalOceanUrl ?? 'http://127.0.0.1:9',
      tokens: { sync: 't', billing: 't', provisioning: 't' },
      retry: { attempts: 1 },
    }),
    queues: {
      async add(_queue, _job, data: JobData, { id, delayMs = 0 }) {
        jobs.push({ sagaId: data['sagaId'] as string, id, delayMs });
      },
    },
    live: new LiveStreams(
      {
        wake: (topic) => listeners.hear(topic),
        onWake: (topic, listener) => listeners.add(topic, listener),
        close: async () => {},
      },
      log,
    ),
    processId: options.processId ?? 'runner-1',
  };
  const sql = <Row>(text: string, values?: unknown[]): Promise<Row[]> => db.query(text, values);

  const engine: EngineApp = {
    app,
    databaseUrl,
    jobs,
    sql,
    async start(steps, { inputs = {}, key } = {}) {
      const request = { kind: 'test', steps, inputs: inputs as Record<string, unknown>, idempotencyKey: key ?? null };
      const saga = await db.transaction((tx) => startSaga(tx, OPERATOR, app.clock(), request));
      await announceSaga(app, saga);
      return saga;
    },
    deliver: (id, registry, signal = NEVER) => runSaga(app, registry, id, signal),
    async pass(id) {
      await sql(
        `update saga_runs set next_attempt_at = clock_timestamp() + (next_attempt_at - next_attempt_at),
           lease_until = clock_timestamp() + (lease_until - lease_until) where id = $1`,
        [id],
      );
    },
    async drive(id, registry) {
      for (let count = 0; count < DELIVERIES; count++) {
        const place = jobs.findIndex((job) => job.sagaId === id);
        if (place < 0)
          throw new Error(`saga ${id} is ${(await engine.stored(id)).status} and nothing is queued for it`);
        jobs.splice(place, 1);
        await engine.pass(id);
        await engine.deliver(id, registry);
        const now = await engine.stored(id);
        if (['completed', 'rolled_back', 'failed'].includes(now.status)) return now;
      }
      throw new Error(`saga ${id} has not ended after ${DELIVERIES} deliveries`);
    },
    async stored(id) {
      const [run] = await sql<RunRow>('select * from saga_runs where id = $1', [id]);
      if (!run) throw new Error(`there is no saga ${id}`);
      const ledger = await sql<StepRow>('select * from saga_step_results where saga_id = $1 order by index', [id]);
      const events = await sql<EventRow>('select * from saga_events where saga_id = $1 order by sequence', [id]);
      const sequence = events.map((event) => event.sequence);
      if (sequence.some((each, place) => each !== place + 1) || run.last_sequence !== events.length) {
        throw new Error(`events ${sequence.join(', ')} of ${run.last_sequence}`);
      }
      return {
        status: run.status,
        context: run.context,
        error: run.error,
        epoch: run.epoch,
        leaseOwner: run.lease_owner,
        ledger: ledger.map((row) => `${row.index} ${row.name} ${row.status} ${row.attempts}/${row.polls}`),
        events: events.map(
          ({ type, step_index: index, message }) =>
            `${type}${index === null ? '' : ` ${index}`}${message === null ? '' : `: ${message}`}`,
        ),
      };
    },
    async snapshot(id) {
      const [row] = await sql<{ all: string }>(
        `select json_build_array(
           (select to_json(run) from saga_runs run where id = $1),
           (select json_agg(step order by index) from saga_step_results step where saga_id = $1),
           (select json_agg(event order by sequence) from saga_events event where saga_id = $1))::text as all`,
        [id],
      );
      return row?.all ?? '';
    },
    async close() {
      await reads.end();
      await db.destroy();
      await database?.drop();
    },
  };
  return engine;
}

export type Around = <T>(operation: string, run: () => Promise<T>) => Promise<T>;

/**
 * The same app with every touch of the database in the hands of the test: a prepared statement by its name, a read as
 * `find`, and of a transaction `begin`, `commit` and `committed`.
 */
export function interposed(app: SagaApp, around: Around): SagaApp {
  interface Statement {
    readonly text: string;
  }
  const { master } = app.db.driver as unknown as { master: { query(statement: Statement): Promise<unknown> } };
  const db = {
    options: app.db.options,
    driver: {
      master: { query: (statement: Statement) => around(nameOf(statement.text), () => master.query(statement)) },
    },
    transaction: (work: (manager: unknown) => Promise<unknown>) =>
      around('begin', async () => {})
        .then(() =>
          app.db.transaction(async (manager) => {
            const result = await work(manager);
            await around('commit', async () => {});
            return result;
          }),
        )
        .then((result) => around('committed', async () => result)),
  };
  const maybeOne: SagaApp['reads']['maybeOne'] = (shape, statement) =>
    around('find', () => app.reads.maybeOne(shape, statement));
  return { ...app, db: db as unknown as SagaApp['db'], reads: { ...app.reads, maybeOne } };
}

/** The name in a statement's comment. */
function nameOf(text: string): string {
  return /^\/\* ([a-z-]+) \*\//.exec(text)?.[1] ?? text;
}

export function registryOf(...steps: readonly Step[]): StepRegistry {
  return new Map(steps.map((step) => [stepKey(step), step]));
}

/** The references of steps by name, all of version 1. */
export function steps(...names: readonly string[]): SagaStepRef[] {
  return names.map((name) => ({ name, version: 1 }));
}
