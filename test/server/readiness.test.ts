import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

interface Readiness {
  readonly status: string;
  readonly checks: Readonly<Record<'database' | 'migrations' | 'queue', string>>;
}

async function ready(token?: string): Promise<{ status: number; body: Readiness }> {
  const answer = await fetch(`${app.url}/api/ready`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
  return { status: answer.status, body: (await answer.json()) as Readiness };
}

/** An answer may be a second old, what it says of writes ten seconds. */
async function untilStatus(status: number): Promise<void> {
  while ((await ready()).status !== status);
}

const OK = {
  status: 'ready',
  checks: { database: 'ok', migrations: 'ok', queue: 'ok' },
  schedule: { lastFiredAt: null },
};

describe('readiness', () => {
  it('says which check fails, and why to operators alone', async () => {
    expect(await ready()).toEqual({ status: 200, body: OK });
    await app.sql('alter table schema_migrations rename to schema_migrations_away');
    await untilStatus(503);
    const failed = { ...OK, status: 'unavailable', checks: { ...OK.checks, migrations: 'failed' } };
    expect((await ready()).body).toEqual(failed);
    expect((await ready(app.tenant('acme'))).body).toEqual(failed);
    expect((await ready(app.operator)).body.checks.migrations).toContain('not applied');
    await app.sql('alter table schema_migrations_away rename to schema_migrations');
    await untilStatus(200);
  });

  it('is not given while the database takes no writes', async () => {
    const { name } = await app.row<{ name: string }>('select current_database() as name');
    const readOnly = async (value: 'on' | 'off') => {
      await app.sql(`begin read write; alter database ${name} set default_transaction_read_only = ${value}; commit`);
      // As after a failover: connections are made anew.
      await app.sql(`select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and state = 'idle'`);
    };
    await readOnly('on');
    await untilStatus(503);
    expect((await ready()).body.checks).toMatchObject({ database: 'failed', migrations: 'ok' });
    expect((await ready(app.operator)).body.checks.database).toContain('read-only transaction');
    await readOnly('off');
    await untilStatus(200);
  });

  it('costs the database a look a second, however often it is asked', async () => {
    const looks = async () =>
      Number(
        (
          await app.row<{ n: unknown }>(
            `select xact_commit as n from pg_stat_database where datname = current_database()`,
          )
        ).n,
      );
    await app.sql('select pg_stat_force_next_flush()');
    const before = await looks();
    await Promise.all(Array.from({ length: 300 }, () => ready()));
    await app.sql('select pg_stat_force_next_flush()');
    expect((await looks()) - before).toBeLessThan(100);
  });
});
