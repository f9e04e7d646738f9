import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Followed, subscribe } from '../support/graphql.js';
import { gql, present } from '../support/typed-document.js';

interface SyncEvent {
  message: string | null;
  resource: { name: string; events: { nodes: { id: string }[] } } | null;
}

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await app.sync(['firewalls']);
});
afterAll(() => app.close());

const EVENTS = gql(`subscription($after: Cursor, $first: Int) {
  syncEvents { message resource { name events(first: $first, after: $after) { nodes { id } } } }
}`);

async function write(type: string, message: string, resourceId: string | null): Promise<void> {
  const { id: run } = await app.row<{ id: string }>('select id from sync_runs limit 1');
  await (resourceId === null
    ? app.sql('insert into sync_events (run_id, type, at, message) values ($1, $2, now(), $3)', [run, type, message])
    : app.sql(
        `insert into cloud_resource_events (resource_id, type, at, changes, actor, run_id)
         values ($1, $2, now(), '{}', 'test', $3)`,
        [resourceId, type, run],
      ));
  app.app.live.wake('sync');
}

it('subscribers to one event whose variables differ are each answered by their own', async () => {
  const { resources } = await app.data(
    gql('{ resources(filter: { kinds: [FIREWALL] }) { nodes { id events { nodes { id } pageInfo { endCursor } } } } }'),
  );
  const { id, events } = present(resources.nodes[0]);
  expect(events.nodes).toHaveLength(1);
  const variables = [{}, { after: events.pageInfo.endCursor }, { first: 1 }];
  const streams: Followed<SyncEvent>[] = variables.map((each) => subscribe(app.url, app.operator, EVENTS, each));
  // Without `after` a stream begins when it is ready: it is sent events until it answers one.
  const first = Promise.all(streams.map((stream) => stream.take(1)));
  let isLive = false;
  const sending = (async () => {
    for (let n = 0; !isLive; n++) await write('page_fetched', `beat ${n}`, null);
  })();
  await first;
  isLive = true;
  await sending;

  await write('updated', '', id);
  const answered = await Promise.all(
    streams.map(async (stream) => (await stream.until(({ resource }) => resource !== null)).at(-1)),
  );
  expect(answered.map((event) => event?.resource?.events.nodes.length)).toEqual([2, 0, 1]);
  await Promise.all(streams.map((stream) => stream.close()));
});
