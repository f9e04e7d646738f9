import { startTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { subscribe } from '../support/graphql.js';

export interface WatchedEvent {
  readonly cursor: string;
  readonly sequence: number;
  readonly type: string;
  readonly stepName: string | null;
  readonly message: string | null;
  readonly status: string;
}

export const WATCH = `subscription Watch($id: ID!, $after: Cursor) {
  sagaProgress(sagaId: $id, after: $after) { cursor sequence type stepName message status }
}`;

export interface SagaApp extends TestApp {
  /** Everything that the saga tells, to its end. */
  watch(sagaId: string, after?: string): Promise<WatchedEvent[]>;
  /** The saga once it has ended. */
  ended(sagaId: string): Promise<any>;
}

/** The app with its account mirrored, and saga answers looked up to their end. */
export async function startSagaApp(options: TestAppOptions = {}): Promise<SagaApp> {
  const app = await startTestApp(options);
  await app.sync(['projects', 'droplets', 'domains']);
  const watch = async (sagaId: string, after?: string) => {
    const stream = subscribe<WatchedEvent>(app.url, app.operator, WATCH, { id: sagaId, after });
    const events: WatchedEvent[] = [];
    for await (const event of stream) events.push(event);
    await stream.close();
    return events;
  };
  return {
    ...app,
    watch,
    async ended(sagaId) {
      await watch(sagaId);
      const { saga } = await app.data(
        `query Saga($id: ID!) { saga(id: $id) { id kind status error context inputs cancelRequested currentStepIndex
          tenantId finishedAt deployment { id state } steps { index name status attempts output error } } }`,
        { id: sagaId },
      );
      return saga;
    },
  };
}

/** What the sandbox's account holds, without what time alone changes: the same account reads the same. */
export async function accountOf(app: TestApp): Promise<Record<string, unknown[]>> {
  const account: Record<string, unknown[]> = {};
  for (const collection of ['droplets', 'records', 'snapshots']) {
    account[collection] = await app.sandbox('GET', `state/${collection}`);
  }
  return account;
}
