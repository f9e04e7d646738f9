import type { SyncScope } from '../../src/core/inventory/sync-scope.js';
import { startTestApp, type TestApp, type TestAppOptions } from '../support/app.js';
import { type Followed, subscribe } from '../support/graphql.js';
import { type DataOf, gql, present } from '../support/typed-document.js';

export interface WatchedEvent {
  readonly cursor: string;
  readonly sequence: number;
  readonly type: string;
  readonly stepName: string | null;
  readonly message: string | null;
  readonly status: string;
}

const WATCH = gql(`subscription Watch($id: ID!, $after: Cursor) {
  sagaProgress(sagaId: $id, after: $after) { cursor sequence type stepName message status }
}`);
const SAGA = gql(`query Saga($id: ID!) {
  saga(id: $id) {
    id kind status error context inputs cancelRequested currentStepIndex tenantId startedBy finishedAt
    deployment { id state } steps { index name status attempts output error }
  }
}`);

type EndedSaga = NonNullable<DataOf<typeof SAGA>['saga']> & {
  /** Where the saga made or changed a droplet, it is in here. */
  readonly context: { readonly dropletId: string; readonly resourceId: string };
};

export interface SagaApp extends TestApp {
  /** The saga's history and what it tells from now on; it ends by itself. */
  progress(sagaId: string, after?: string, token?: string): Followed<WatchedEvent>;
  /** Everything that the saga tells, to its end. */
  watch(sagaId: string, after?: string): Promise<WatchedEvent[]>;
  /** The saga once it has ended. */
  ended(sagaId: string): Promise<EndedSaga>;
}

/** The app with its account mirrored, and sagas looked up to their end. */
export async function startSagaApp(
  options: TestAppOptions = {},
  scopes: readonly SyncScope[] = ['projects', 'droplets', 'domains'],
): Promise<SagaApp> {
  const app = await startTestApp(options);
  await app.sync(scopes);
  const progress = (id: string, after?: string, token = app.operator) =>
    subscribe(app.url, token, WATCH, { id, after });
  const watch = async (sagaId: string, after?: string) => {
    const stream = progress(sagaId, after);
    const events: WatchedEvent[] = [];
    for await (const event of stream) events.push(event);
    await stream.close();
    return events;
  };
  return {
    ...app,
    progress,
    watch,
    async ended(sagaId) {
      await watch(sagaId);
      return present((await app.data(SAGA, { id: sagaId })).saga) as EndedSaga;
    },
  };
}

/** The id of the saga that a mutation's payload has. */
export async function sagaIdOf(answer: Promise<Record<string, { saga: { id: string } | null }>>): Promise<string> {
  const [payload] = Object.values(await answer);
  return present(payload?.saga).id;
}
