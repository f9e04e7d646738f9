import { type Logger, pino } from 'pino';
import { type RunningApp, startApp } from '../../src/app.js';
import { sandboxSpaces } from '../../src/commands/spaces-options.js';
import { signToken } from '../../src/commands/token.js';
import { readConfig } from '../../src/config.js';
import type { SyncScope } from '../../src/core/inventory/sync-scope.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { requestSync } from '../../src/services/inventory/request-sync.js';
import { createTestDatabase } from './database.js';
import { type GraphqlAnswer, postGraphql, postRaw } from './graphql.js';
import type { SandboxAnswer } from './provider-shapes.js';
import { type AnyDocument, present, type TypedDocument } from './typed-document.js';

export const JWT_SECRET = 'a secret that only tests know, 48 bytes long, ok';
const TOKENS = { sync: 'test-sync', billing: 'test-billing', provisioning: 'test-provisioning' };

export interface TestAppOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly clock?: () => Date;
  /** False: an API alone. */
  readonly worker?: boolean;
  /** Another program's database or sandbox, for several processes' worth of the app in one test. */
  readonly databaseUrl?: string;
  readonly sandboxUrl?: string;
  readonly sandboxTimeScale?: number;
  readonly financeTimeoutMs?: number;
  /** As `captureLog` makes it; else what TEST_LOG_LEVEL lets through goes to stdout. */
  readonly log?: Logger;
}

export interface TestApp extends RunningApp {
  readonly url: string;
  readonly databaseUrl: string;
  /** Without `/v2`. */
  readonly sandboxUrl: string;
  readonly operator: string;
  /** A token of a tenant's member. */
  tenant(tenantId: string, roles?: readonly string[]): string;
  /** Sends one operation; as the operator unless told otherwise. */
  graphql<Data, Variables extends object>(
    document: TypedDocument<Data, Variables>,
    variables?: NoInfer<Variables>,
    token?: string,
  ): Promise<GraphqlAnswer<Data>>;
  /** Sends a document that need not be valid, or variables that its types do not allow. */
  raw(document: string | AnyDocument, variables?: object, token?: string): Promise<GraphqlAnswer>;
  /** The answer's data; throws where there are errors. */
  data<Data, Variables extends object>(
    document: TypedDocument<Data, Variables>,
    variables?: NoInfer<Variables>,
    token?: string,
  ): Promise<Data>;
  /** The first error's code, or undefined if there is none; variables of any shape. */
  codeOf(document: AnyDocument, variables?: object, token?: string): Promise<string | undefined>;
  /** Runs the scopes to their end, one after the other, as an operator's or the schedule's runs. */
  sync(scopes: readonly SyncScope[], trigger?: 'operator' | 'schedule'): Promise<void>;
  /** The rows of a statement of the test's own. */
  sql<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  /** The first row of a statement; throws if there is none. */
  row<Row = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row>;
  /** Calls the sandbox's own API: `faults`, `reset`, `state/droplets/1`. */
  sandbox<Path extends string>(method: string, path: Path, body?: unknown): Promise<SandboxAnswer<Path>>;
}

/** The whole program on a database of its own, with a sandbox where everything is done at once. No schedule runs. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl ? null : await createTestDatabase();
  const sandbox = options.sandboxUrl
    ? null
    : await startSandbox({ timeScale: options.sandboxTimeScale ?? 0, rateLimit: null });
  const databaseUrl = options.databaseUrl ?? (database?.url as string);
  const sandboxUrl = options.sandboxUrl ?? (sandbox?.url as string);
  const config = readConfig({
    PORT: '0',
    LOG_LEVEL: process.env['TEST_LOG_LEVEL'] ?? 'silent',
    RATE_LIMIT_PER_MINUTE: '100000',
    ANONYMOUS_REQUESTS_PER_MINUTE: '100000',
    DO_POLL_INTERVAL_MS: '20',
    ...options.environment,
  });
  const running = await startApp(
    {
      config,
      log: options.log ?? pino({ level: config.logLevel }),
      databaseUrl,
      digitalOceanUrl: sandboxUrl,
      digitalOceanTokens: TOKENS,
      spaces: sandboxSpaces(sandboxUrl),
      jwtSecret: JWT_SECRET,
      checkRows: true,
      ...(options.clock ? { clock: options.clock } : {}),
      ...(options.financeTimeoutMs === undefined ? {} : { financeTimeoutMs: options.financeTimeoutMs }),
    },
    { api: true, worker: options.worker ?? true, schedule: false },
  );
  const { app } = running;
  const url = running.server?.url as string;
  const operator = tokenOf('platform-admin', ['platform-admin']);
  const raw: TestApp['raw'] = (document, variables, token = operator) =>
    postRaw(url, typeof document === 'string' ? document : document.source, variables, token);
  const graphql: TestApp['graphql'] = (document, variables, token = operator) =>
    postGraphql(url, document, variables, token);
  const sql: TestApp['sql'] = (text, values) => app.db.query(text, values);
  return {
    ...running,
    url,
    databaseUrl,
    sandboxUrl,
    operator,
    tenant: (tenantId, roles = ['member']) => tokenOf(tenantId, roles),
    raw,
    graphql,
    async data(document, variables, token) {
      const { body } = await graphql(document, variables, token);
      if (body.errors) throw new Error(JSON.stringify(body.errors, null, 2));
      return present(body.data);
    },
    async codeOf(document, variables, token) {
      return (await raw(document, variables, token)).body.errors?.[0]?.extensions.code;
    },
    async sync(scopes, trigger = 'operator') {
      for (const scope of scopes) {
        const [run] = await requestSync(app, { trigger, requestedBy: 'test' }, [scope]);
        await waitForRun(app, run?.id as string);
      }
    },
    sql,
    async row<Row>(text: string, values?: unknown[]) {
      return present((await sql<Row>(text, values))[0]);
    },
    async sandbox(method, path, body) {
      const answer = await fetch(`${sandboxUrl}/_sandbox/${path}`, {
        method,
        headers: { 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`sandbox ${method} ${path}: ${answer.status} ${text}`);
      return text === '' ? null : JSON.parse(text);
    },
    async close() {
      await running.close();
      await sandbox?.close();
      await database?.drop();
    },
  };
}

export function tokenOf(tenantId: string, roles: readonly string[]): string {
  return signToken(JWT_SECRET, { tenantId, roles, subject: `somebody@${tenantId}`, hours: 1 });
}

/** Resolves once the run has ended; woken by the same wakes that the live streams use. */
async function waitForRun(app: RunningApp['app'], runId: string): Promise<void> {
  let stop = () => {};
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      app.db.query(`select status from sync_runs where id = $1`, [runId]).then(([run]) => {
        if (run.status === 'completed' || run.status === 'failed') resolve();
      }, reject);
    };
    stop = app.live.onWake('sync', look);
    look();
  }).finally(() => stop());
}
