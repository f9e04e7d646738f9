import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { BEGINNING, cursorOf, POSITION, SELECT_NOW } from '../support/cursors.js';
import { subscribe } from '../support/graphql.js';
import { gql, type VariablesOf } from '../support/typed-document.js';

const EVENTS = gql(`subscription($after: Cursor, $scopes: [SyncScope!]) {
  syncEvents(after: $after, scopes: $scopes) { cursor type message run { id scope status } resource { id kind name } }
}`);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** Waits until the subscription is live: its first event is the start of a run that is asked for until it comes. */
async function live(variables: VariablesOf<typeof EVENTS> = {}, url = app.url) {
  return subscribe(url, app.operator, EVENTS, variables);
}

const everything = async (): Promise<string[]> =>
  (
    await app.sql<{ position: string }>(
      `select ${POSITION} from sync_events union all
       select ${POSITION} from cloud_resource_events where run_id is not null`,
    )
  ).map(({ position }) => cursorOf(position));

describe('the stream of sync events', () => {
  it('tells a run from its start to its end, with what it found', async () => {
    const stream = await live({ after: BEGINNING, scopes: ['FIREWALLS'] });
    await app.sync(['firewalls']);
    const events = await stream.until((event) => event.type === 'RUN_COMPLETED');
    expect(events.map(({ type, resource }) => [type, resource?.name ?? null])).toEqual([
      ['RUN_STARTED', null],
      ['PAGE_FETCHED', null],
      ['RESOURCE_DISCOVERED', 'web-and-ssh'],
      ['RUN_COMPLETED', null],
    ]);
    expect(new Set(events.map((event) => event.run.scope))).toEqual(new Set(['FIREWALLS']));
    await stream.close();
  });

  it('gives everything after any cursor, once each, in one order', async () => {
    await app.sync(SYNC_SCOPES);
    const all = await everything();
    const whole = subscribe(app.url, app.operator, EVENTS, { after: BEGINNING });
    const events = await whole.take(all.length);
    await whole.close();
    expect(new Set(events.map((event) => event.cursor))).toEqual(new Set(all));
    for (const index of [0, 1, Math.floor(all.length / 2), all.length - 2]) {
      const rest = subscribe(app.url, app.operator, EVENTS, { after: events[index]?.cursor });
      const cursors = (await rest.take(all.length - index - 1)).map((event) => event.cursor);
      expect(cursors).toEqual(events.slice(index + 1).map((event) => event.cursor));
      await rest.close();
    }
  });

  it('delivers a row only once no earlier transaction can add one before it', async () => {
    const { position } = await app.row<{ position: string }>(SELECT_NOW);
    const after = cursorOf(position);
    const stream = subscribe(app.url, app.operator, EVENTS, { after });
    const run = await app.row(`select id from sync_runs order by sync_runs.number limit 1`);
    const write = `insert into sync_events (run_id, type, at, message) values ($1, 'page_fetched', now(), $2)`;
    const [slow, fast] = [app.app.db.createQueryRunner(), app.app.db.createQueryRunner()];
    await slow.startTransaction();
    await slow.query(write, [run.id, 'earlier transaction']);
    await fast.startTransaction();
    await fast.query(write, [run.id, 'later transaction']);
    await fast.commitTransaction();
    app.app.live.wake('sync');
    const first = stream.next();
    const early = await Promise.race([first, app.graphql(gql('{ viewer { subject } }')).then(() => 'nothing yet')]);
    expect(early).toBe('nothing yet');
    await slow.commitTransaction();
    await Promise.all([slow.release(), fast.release()]);
    const events = [(await first).value, ...(await stream.take(1))];
    expect(events.map((event) => event.message)).toEqual(['earlier transaction', 'later transaction']);
    await stream.close();
  });

  it('refuses what is no cursor, and tells a tenant that it is not for tenants', async () => {
    const bad = subscribe(app.url, app.operator, EVENTS, { after: 'nonsense' });
    await expect(bad.next()).rejects.toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT', fields: [{ path: 'after' }] } }],
    });
    const tenant = subscribe(app.url, app.tenant('acme'), EVENTS, {});
    await expect(tenant.next()).rejects.toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
    await Promise.all([bad.close(), tenant.close()]);
  });
});

describe('two API processes on one database', () => {
  let other: TestApp;
  beforeEach(async () => {
    other = await startTestApp({ databaseUrl: app.databaseUrl, sandboxUrl: app.sandboxUrl, worker: false });
  });

  it('a subscriber that is moved from one to the other in the middle of a sync misses and repeats nothing', async () => {
    const before = new Set(await everything());
    const seen: string[] = [];
    await app.sql('truncate cloud_resources cascade');
    const { position } = await app.row<{ position: string }>(SELECT_NOW);
    let after = cursorOf(position);
    const syncing = app.sync(SYNC_SCOPES);
    const urls = [app.url, other.url];
    for (let move = 0; move < 12; move++) {
      const stream = subscribe(urls[move % 2] as string, app.operator, EVENTS, { after });
      for (const event of await stream.take(4)) {
        seen.push(event.cursor);
        after = event.cursor;
      }
      await stream.close();
    }
    await syncing;
    const wanted = (await everything()).filter((cursor) => !before.has(cursor));
    const last = subscribe(other.url, app.operator, EVENTS, { after });
    seen.push(...(await last.take(wanted.length - seen.length)).map((event) => event.cursor));
    await last.close();
    expect(seen.length).toBe(new Set(seen).size);
    expect(new Set(seen)).toEqual(new Set(wanted));
    await other.close();
  });
});
