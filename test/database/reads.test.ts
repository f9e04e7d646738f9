import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createReads, type Reads } from '../../src/database/reads.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let reads: Reads;
const lost: Error[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  reads = createReads(database.url, (error) => lost.push(error));
});
afterAll(async () => {
  await reads.end();
  await database.drop();
});

describe('reads', () => {
  it('answer each its own statement, however many are under way at once', async () => {
    const wanted = Array.from({ length: 500 }, (_, n) => n);
    const answers = await Promise.all(wanted.map((n) => reads.query<{ n: number }>('select $1::int as n', [n])));
    expect(answers).toEqual(wanted.map((n) => [{ n }]));
    const [{ connections }] = (await reads.query<{ connections: number }>(
      `select count(*)::int as connections from pg_stat_activity
       where datname = current_database() and application_name = 'arcadia-cloud reads'`,
      [],
    )) as [{ connections: number }];
    expect(connections).toBe(4);
  });

  it('fail alone where one of them fails', async () => {
    const all = Array.from({ length: 60 }, (_, n) => reads.query<{ n: number }>('select 60 / $1::int as n', [n % 10]));
    const ended = await Promise.allSettled(all);
    expect(ended.map(({ status }) => status === 'rejected')).toEqual(all.map((_, n) => n % 10 === 0));
  });

  it('answer although the statement that was to prepare them was cancelled', async () => {
    const locker = new pg.Client({ connectionString: database.url });
    await locker.connect();
    await locker.query('create table locked (n int)');
    await locker.query('begin; lock table locked in access exclusive mode');
    // The same text by one connection: the server gets it with the first, and parses no locked table.
    const all = Array.from({ length: 4 }, () => reads.query('select count(*)::int as n from locked', []));
    const ended = Promise.allSettled(all);
    const cancel = `select pg_cancel_backend(pid) as done from pg_stat_activity where wait_event_type = 'Lock'
      and datname = current_database() and query like '%from locked' and pid <> pg_backend_pid()`;
    while ((await reads.reports.query(cancel, [])).length === 0);
    await Promise.race(all).catch(() => undefined);
    await locker.end();
    const [first, ...rest] = await ended;
    expect(first).toMatchObject({ status: 'rejected', reason: { code: '57014' } });
    expect(rest).toEqual(rest.map(() => ({ status: 'fulfilled', value: [{ n: 0 }] })));
  });

  it('go on over new connections where theirs are cut', async () => {
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name = 'arcadia-cloud reads' and pid <> pg_backend_pid()`;
    const slow = Array.from({ length: 20 }, (_, n) => reads.query('select $1::int as n, pg_sleep(0.2)', [n]));
    await reads.reports.query(cut, []);
    expect((await Promise.all(slow)).map(([row]) => row?.['n'])).toEqual(slow.map((_, n) => n));
    expect(lost.length).toBeGreaterThan(0);
  });

  it('fail where there is no server, without ending the process', async () => {
    const nowhere = createReads('postgres://nobody@127.0.0.1:1/none', () => {});
    await expect(nowhere.query('select 1', [])).rejects.toThrow(/ECONNREFUSED/);
    await expect(nowhere.reports.query('select 1', [])).rejects.toThrow(/ECONNREFUSED/);
    await nowhere.end();
  });

  it('wait for no report', async () => {
    const locker = reads.reports.query('select pg_advisory_lock(1), pg_sleep(0)', []);
    await locker;
    // A second report waits for the lock of the first; reads do not.
    const waiting = reads.reports.query('select pg_advisory_lock(1)', []);
    expect(await reads.query('select 2 as n', [])).toEqual([{ n: 2 }]);
    await reads.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and application_name = 'arcadia-cloud reports'`,
      [],
    );
    await waiting.catch(() => undefined);
  });
});
