import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SYNC_SCOPES, type SyncScope } from '../../src/core/inventory/sync-scope.js';
import { type ObservedResource, observe } from '../../src/services/inventory/observe.js';
import { requestSync } from '../../src/services/inventory/request-sync.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { gql } from '../support/typed-document.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await app.sync(SYNC_SCOPES);
});
afterAll(() => app.close());

/** Resolves once so many sessions of this database wait for a lock. */
async function untilWaiting(sessions: number): Promise<void> {
  for (;;) {
    const { waiting } = await app.row<{ waiting: number }>(
      `select count(*)::int as waiting from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting >= sessions) return;
    await sleep(10);
  }
}

const SHOWN = `select kind, provider_kind as "providerKind", provider_id as "providerId", name, status, region, tags, attrs
  from cloud_resources where kind = 'droplet' order by id`;
const observation = { actor: 'test', at: new Date(), run: null };

it.each([
  ['first to last', (rows: ObservedResource[]) => rows],
  ['last to first', (rows: ObservedResource[]) => rows.reverse()],
])('a run that attributes every kind completes beside a page of droplets (%s)', async (_, order) => {
  const droplets = order(await app.sql<ObservedResource>(SHOWN));
  await app.sql('update cloud_resources set cloud_project_id = null, tenant_id = null');
  const { number: before } = await app.row<{ number: number }>('select max(number)::int as number from sync_runs');
  let syncing: Promise<void> = Promise.resolve();
  await app.app.db.transaction(async (db) => {
    await observe(db, observation, droplets.slice(0, 1));
    syncing = app.sync(['volumes']);
    await untilWaiting(1);
    await observe(db, observation, droplets.slice(1));
  });
  await syncing;
  expect(await app.sql('select status, error from sync_runs where number > $1', [before])).toEqual([
    { status: 'completed', error: null },
  ]);
  expect(await app.sql('select count(*)::int from cloud_resources where cloud_project_id is null')).toEqual([
    { count: 0 },
  ]);
});

it('a project is classified beside a page of its droplets', async () => {
  const { id } = await app.row<{ id: string }>(`select id from cloud_projects order by first_seen_at limit 1`);
  await app.sql(`update cloud_resources set cloud_project_id = $1 where kind = 'droplet'`, [id]);
  const droplets = await app.sql<ObservedResource>(
    `${SHOWN.replace('order by', 'and cloud_project_id = $1 order by')}`,
    [id],
  );
  expect(droplets.length).toBeGreaterThan(1);
  for (const page of [droplets, [...droplets].reverse()]) {
    let classifying: Promise<{ readonly body: unknown }> = Promise.resolve({ body: null });
    await app.app.db.transaction(async (db) => {
      await observe(db, observation, page.slice(0, 1));
      classifying = app.graphql(
        gql(
          'mutation($id: ID!, $tenantId: String) { classifyProject(id: $id, tenantId: $tenantId) { project { tenantId } } }',
        ),
        { id, tenantId: `tenant-${page === droplets}` },
      );
      await untilWaiting(1);
      await observe(db, observation, page.slice(1));
    });
    expect((await classifying).body).toEqual({
      data: { classifyProject: { project: { tenantId: `tenant-${page === droplets}` } } },
    });
  }
});

it('syncs of the same scopes, asked for in different orders at once, are answered with the same runs', async () => {
  await app.sandbox('POST', 'faults', { method: 'GET', path: '/v2/*', probability: 1, delayMs: 2_000 });
  const asked = { trigger: 'operator', requestedBy: 'test' } as const;
  const ids = (runs: { id: string }[]) => runs.map(({ id }) => id);
  const [droplets, volumes, domains] = ids(
    await requestSync({ ...app.app, queues: { add: async () => undefined } }, asked, [
      'droplets',
      'volumes',
      'domains',
    ]),
  );
  const order: SyncScope[] = ['droplets', 'volumes', 'domains'];
  const holding = app.app.db.createQueryRunner();
  await holding.startTransaction();
  await holding.query('select from sync_runs where id = $1 for update', [volumes]);
  const both = [order, [...order].reverse()].map((scopes) => requestSync(app.app, asked, scopes));
  await untilWaiting(2);
  await holding.commitTransaction();
  await holding.release();
  expect((await Promise.all(both)).map(ids)).toEqual([
    [droplets, volumes, domains],
    [domains, volumes, droplets],
  ]);
});
