import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/database/migrate.js';
import { createReads, type Reads } from '../../src/database/reads.js';
import { checkStreamStart } from '../../src/services/live/commit-stream.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { BEGINNING, cursorOf, POSITION, SELECT_NOW } from '../support/cursors.js';
import { type Followed, subscribe } from '../support/graphql.js';
import { type OwnPostgres, onClient, startOwnPostgres } from '../support/own-postgres.js';
import { gql, present } from '../support/typed-document.js';

interface SyncEvent {
  readonly cursor: string;
  readonly message: string | null;
}

const EVENTS = gql('subscription($after: Cursor) { syncEvents(after: $after) { cursor message } }');
const sql = (url: string, text: string, values: unknown[] = []): Promise<Record<string, string | undefined>[]> =>
  onClient(url, async (client) => (await client.query(text, values)).rows);

const row = async (url: string, text: string) => present((await sql(url, text))[0]);
const positionNow = async (url: string): Promise<string> => present((await row(url, SELECT_NOW))['position']);

/** Writes one event a transaction, each durable before the next begins. */
async function write(url: string, ...messages: string[]): Promise<void> {
  for (const message of messages) await sql(url, WRITE, [message]);
}
const RUN = '00000000-0000-4000-8000-000000000001';
const ADD_RUN = `insert into sync_runs (id, scope, status, trigger, requested_by, queued_at, started_at)
  values ('${RUN}', 'droplets', 'running', 'operator', 'test', now(), now())`;
const WRITE = `insert into sync_events (run_id, type, at, message) values ('${RUN}', 'page_fetched', now(), $1)`;
const epochs = async (url: string): Promise<string[]> =>
  (await sql(url, 'select distinct stream_epoch from sync_events order by 1')).map(({ stream_epoch: epoch }) =>
    present(epoch),
  );

let postgres: OwnPostgres;
beforeEach(async () => {
  postgres = await startOwnPostgres();
  await sql(postgres.url, ADD_RUN);
});
afterEach(() => postgres.stop());

describe('a live stream over a crash of Postgres', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp({ databaseUrl: postgres.url, worker: false });
  });
  afterEach(() => app.close());

  const follow = (after: string | null): Followed<SyncEvent> => subscribe(app.url, app.operator, EVENTS, { after });
  /** A subscriber that has read the head of its stream. */
  async function live(): Promise<Followed<SyncEvent> & { readonly first: Promise<IteratorResult<SyncEvent>> }> {
    const { reads } = app.app as { reads: Pick<Reads, 'one'> };
    const { one } = reads;
    let heads = 0;
    const started = new Promise<void>((resolve) => {
      reads.one = async (shape, statement) => {
        const row = await one(shape, statement);
        if (statement.compile().text.includes('/* read-stream-head */') && ++heads === 1) resolve();
        return row;
      };
    });
    const stream = follow(null);
    const first = stream.next();
    await started;
    reads.one = one;
    return Object.assign(stream, { first });
  }

  it.each<['crash' | 'crashBackend']>([['crash'], ['crashBackend']])(
    'that hands out transaction ids again (%s): subscriber and cursor get every event, once, in order',
    async (crash) => {
      await write(postgres.url, 'a', 'b');
      const whole = follow(BEGINNING);
      const [a] = await whole.take(1);
      await postgres.burnTransactionIds(5_000);
      const head = await positionNow(postgres.url);
      const subscriber = await live();

      await postgres[crash]();
      await write(postgres.url, 'c', 'd');
      const c = await row(postgres.url, `select xid::text, stream_epoch from sync_events where message = 'c'`);
      expect(BigInt(present(c['xid']))).toBeLessThan(BigInt(present(head.split('.')[1])));

      const seen = [(await subscriber.first).value, ...(await subscriber.take(1))];
      expect(seen.map(({ message }) => message)).toEqual(['c', 'd']);
      expect((await whole.take(3)).map(({ message }) => message)).toEqual(['b', 'c', 'd']);
      for (const [after, wanted] of [
        [cursorOf(head), ['c', 'd']],
        [a?.cursor, ['b', 'c', 'd']],
        [seen[0].cursor, ['d']],
      ] as const) {
        const resumed = follow(after as string);
        expect((await resumed.take(wanted.length)).map(({ message }) => message)).toEqual(wanted);
        await resumed.close();
      }
      expect(await epochs(postgres.url)).toHaveLength(2);
      await Promise.all([whole.close(), subscriber.close()]);
    },
    120_000,
  );

  it('gives what was committed before a restart to whoever resumes after it, before anything new is written', async () => {
    await write(postgres.url, 'a', 'b');
    const before = follow(BEGINNING);
    const [a] = await before.take(2);
    await before.close();
    await postgres.restart();
    const after = follow(a?.cursor as string);
    expect((await after.take(1))[0]?.message).toBe('b');
    await write(postgres.url, 'c');
    expect((await after.take(1))[0]?.message).toBe('c');
    await after.close();
  }, 120_000);

  it('refuses a cursor of a history that the database has lost, and says after which one to resume', async () => {
    await write(postgres.url, 'a');
    const lost = follow(cursorOf('1000.5.5'));
    const { resumeAfter } = await lost.next().then(
      () => ({ resumeAfter: null }),
      (errors) => {
        expect(errors).toMatchObject({ errors: [{ extensions: { code: 'CURSOR_LOST' } }] });
        return errors.errors[0].extensions;
      },
    );
    const resumed = follow(resumeAfter);
    expect((await resumed.take(1))[0]?.message).toBe('a');
    await Promise.all([lost.close(), resumed.close()]);
  });
});

describe('the epoch of a stream', () => {
  const connect = async () => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    return client;
  };

  it('is opened once, however many writers come first at the same time, and again after one that aborts', async () => {
    const [first, ...others] = await Promise.all(Array.from({ length: 6 }, connect));
    await first?.query('begin');
    await first?.query(WRITE, ['aborted']);
    const waiting = others.map((client) => client.query(WRITE, ['committed']));
    await first?.query('rollback');
    await Promise.all(waiting);
    await first?.query(WRITE, ['committed']);
    await Promise.all([first, ...others].map((client) => client?.end()));
    expect(await sql(postgres.url, 'select stream_epoch, count(*)::int from sync_events group by 1')).toEqual([
      { stream_epoch: expect.any(String), count: 6 },
    ]);
    expect(await sql(postgres.url, 'select count(*)::int from stream_epochs')).toEqual([{ count: 2 }]);
  });

  it('is opened by a writer whose snapshot is older than the one of another: it fails, and never opens a second', async () => {
    const [slow, fast] = await Promise.all([connect(), connect()]);
    await slow.query('begin isolation level repeatable read');
    await slow.query('select 1 from sync_runs');
    await fast.query(WRITE, ['fast']);
    await expect(slow.query(WRITE, ['slow'])).rejects.toMatchObject({ code: '40001' });
    await slow.query('rollback');
    await slow.query(WRITE, ['slow']);
    await Promise.all([slow.end(), fast.end()]);
    expect(await epochs(postgres.url)).toHaveLength(1);
  });

  it('makes commits wait for the disk, whatever the session is set to', async () => {
    const client = await connect();
    await client.query('set synchronous_commit to off');
    for (const message of ['first of the session', 'second']) {
      await client.query('begin');
      await client.query(WRITE, [message]);
      expect((await client.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'on' }]);
      await client.query('commit');
    }
    expect((await client.query('show synchronous_commit')).rows).toEqual([{ synchronous_commit: 'off' }]);
    await client.end();
  });
});

it('a stream goes on in a new cluster into which everything was restored, with transaction ids that start low', async () => {
  await postgres.burnTransactionIds(20_000);
  await write(postgres.url, 'a', 'b');
  const positions = (await sql(postgres.url, `select ${POSITION} from sync_events order by id`)).map((one) =>
    present(one['position']),
  );
  const other = await startOwnPostgres();
  try {
    await restore(postgres.url, other.url);
    const app = await startTestApp({ databaseUrl: other.url, worker: false });
    const stream = subscribe(app.url, app.operator, EVENTS, { after: cursorOf(present(positions[0])) });
    // One from before epochs, which cannot tell that it is of a later one: it repeats, and loses nothing.
    const legacy = subscribe(app.url, app.operator, EVENTS, {
      after: cursorOf(present(positions[1]).replace(/^\d+\./, '')),
    });
    // Before anything is written there.
    expect((await stream.take(1))[0]?.message).toBe('b');
    await write(other.url, 'c', 'd');
    expect((await stream.take(2)).map(({ message }) => message)).toEqual(['c', 'd']);
    expect((await legacy.take(4)).map(({ message }) => message)).toEqual(['a', 'b', 'c', 'd']);
    await Promise.all([stream.close(), legacy.close()]);
    await app.close();
  } finally {
    await other.stop();
  }
}, 120_000);

/** As `pg_dump` and `pg_restore` do: every row of every table of ours, of unlogged ones too. */
async function restore(from: string, to: string): Promise<void> {
  const tables = await sql(from, `select tablename as name from pg_tables where schemaname = 'public' order by 1`);
  await onClient(to, async (client) => {
    await client.query(`set session_replication_role to replica; truncate ${tables.map(({ name }) => name).join()}`);
    for (const { name } of tables) {
      const [{ rows } = { rows: '[]' }] = await sql(
        from,
        `select coalesce(json_agg(t), '[]')::text as rows from ${name} t`,
      );
      if (rows === '[]') continue;
      await client.query(
        `insert into ${name} overriding system value select * from json_populate_recordset(null::${name}, $1)`,
        [rows],
      );
    }
    await client.query(`select setval('live_event_id', 1000)`);
  });
}

it('a stream goes on from a promoted standby, and does not start on one that is not promoted', async () => {
  await write(postgres.url, 'a');
  const standby = await postgres.startStandby();
  try {
    await write(postgres.url, 'b');
    await standby.catchUp();
    await postgres.burnTransactionIds(5_000);
    const head = await positionNow(postgres.url);
    const reads = createReads(standby.url, () => undefined);
    await expect(checkStreamStart({ reads }, null)).rejects.toMatchObject({ code: 'STREAM_UNAVAILABLE' });
    await reads.end();

    await postgres.crash();
    await standby.promote();
    const app = await startTestApp({ databaseUrl: standby.url, worker: false });
    const stream = subscribe(app.url, app.operator, EVENTS, { after: cursorOf(head) });
    const first = stream.next();
    await write(standby.url, 'c', 'd');
    const c = await row(standby.url, `select xid::text from sync_events where message = 'c'`);
    expect(BigInt(present(c['xid']))).toBeLessThan(BigInt(present(head.split('.')[1])));
    expect([(await first).value, ...(await stream.take(1))].map(({ message }) => message)).toEqual(['c', 'd']);
    await stream.close();
    await app.close();
  } finally {
    await standby.stop();
  }
}, 120_000);

it('a database from before streams had epochs goes on in place, and so do its cursors', async () => {
  // As the schema was: without what the migration added.
  await sql(
    postgres.url,
    `alter table sync_events drop column stream_epoch; alter table saga_events drop column stream_epoch;
     alter table cloud_resource_events drop column stream_epoch;
     create index sync_events_stream on sync_events (xid, id); create index saga_events_stream on saga_events (xid, id);
     create index cloud_resource_events_stream on cloud_resource_events (xid, id) where run_id is not null;
     drop function open_stream_epoch(); drop table stream_epochs; drop table stream_epoch_marks;
     delete from schema_migrations where name = 'StreamEpochs1763600001300'`,
  );
  await write(postgres.url, 'a', 'b');
  const old = await row(postgres.url, `select xid || '.' || id as position from sync_events where message = 'a'`);
  await migrate(postgres.url);
  await write(postgres.url, 'c');
  const app = await startTestApp({ databaseUrl: postgres.url, worker: false });
  const stream = subscribe(app.url, app.operator, EVENTS, { after: cursorOf(present(old['position'])) });
  expect((await stream.take(2)).map(({ message }) => message)).toEqual(['b', 'c']);
  await stream.close();
  await app.close();
}, 120_000);
