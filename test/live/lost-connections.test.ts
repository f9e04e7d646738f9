import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';
import { subscribe } from '../support/graphql.js';
import { onClient } from '../support/own-postgres.js';
import { gql } from '../support/typed-document.js';

let database: TestDatabase;
let proxy: FaultProxy;
let app: TestApp;
beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await startFaultProxy(database.url);
  app = await startTestApp({ databaseUrl: proxy.url, worker: false, environment: { DATABASE_SILENCE_MS: '1000' } });
});
afterAll(async () => {
  await app.close();
  await proxy.stop();
  await database.drop();
});

const SAGAS = 6;
const [BEFORE, IN_ALL] = [8, 18];
const PROGRESS = gql('subscription($id: ID!) { sagaProgress(sagaId: $id) { sequence type } }');
const START = `insert into saga_runs (id, kind, status, steps, inputs, started_by, starter_tenant_id, created_at)
  select id, 'test', 'running', '[{}]', '{}', 'test', 'test', now() from unnest($1::uuid[]) as id`;
/** Not through the proxy: another process's events, which commit whatever happens to the subscribers' connections. */
const write = (ids: readonly string[], from: number, to: number) =>
  onClient(database.url, async (client) => {
    await client.query(
      `with told as (
         insert into saga_events (saga_id, sequence, type, at, status)
         select id, sequence, case when sequence = $4 then 'completed' else 'step_progress' end, now(),
           case when sequence = $4 then 'completed' else 'running' end
         from unnest($1::uuid[]) as id, generate_series($2::int, $3::int) as sequence)
       update saga_runs set last_sequence = $3, status = case when $3 = $4 then 'completed' else 'running' end,
         finished_at = case when $3 = $4 then now() end where id = any($1)`,
      [ids, from, to, IN_ALL],
    );
  });

it.each(['blackHole', 'freeze', 'reset', 'close'] as const)(
  'subscribers get the rest of their events where every connection to Postgres is lost (%s)',
  async (fault) => {
    const ids = Array.from({ length: SAGAS }, () => randomUUID());
    await onClient(database.url, (client) => client.query(START, [ids]));
    await write(ids, 1, BEFORE);
    const streams = ids.map((id) => subscribe(app.url, app.operator, PROGRESS, { id }));
    await Promise.all(streams.map((stream) => stream.take(BEFORE)));
    proxy[fault]();
    await write(ids, BEFORE + 1, IN_ALL);
    const rest = await Promise.all(streams.map((stream) => stream.take(IN_ALL - BEFORE)));
    const wanted = Array.from({ length: IN_ALL - BEFORE }, (_, place) => BEFORE + 1 + place);
    for (const events of rest) expect(events.map(({ sequence }) => sequence)).toEqual(wanted);
    for (const stream of streams) expect((await stream.next()).done).toBe(true);
    proxy.reset();
    await Promise.all(streams.map((stream) => stream.close()));
  },
  40_000,
);
