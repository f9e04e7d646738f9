import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { SYNC_SCOPES } from '../../src/core/inventory/sync-scope.js';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.js';
import { tokenOf } from '../support/app.js';
import { BEGINNING, cursorOf, POSITION, SELECT_NOW } from '../support/cursors.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { postGraphql, subscribe } from '../support/graphql.js';
import { type Program, startProgram } from '../support/program.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { gql, present } from '../support/typed-document.js';

const OPERATOR = tokenOf('platform-admin', ['platform-admin']);
const EVENTS = gql(`subscription($after: Cursor) { syncEvents(after: $after) { cursor type run { scope status } } }`);
const INVENTORY = `select kind, provider_id, name, status, region, tags, attrs, deleted_at is null as lives, stale_strike_count,
  (select name from cloud_projects project where project.id = cloud_project_id) as project
  from cloud_resources order by kind, provider_id`;

/** Two APIs and one worker as processes of their own, on one database. */
async function startAll(redis: TestRedis | null) {
  const [database, sandbox]: [TestDatabase, Sandbox] = await Promise.all([
    createTestDatabase(),
    startSandbox({ timeScale: 0, rateLimit: null }),
  ]);
  const environment = {
    DATABASE_URL: database.url,
    DO_API_URL: sandbox.url,
    SAGA_LEASE_SECONDS: '2',
    ...(redis ? { REDIS_URL: redis.url } : {}),
  };
  const [first, second] = await Promise.all([startProgram('api', environment), startProgram('api', environment)]);
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const sql = async (text: string) => (await client.query(text)).rows;
  return {
    first,
    second,
    sandbox,
    environment,
    sql,
    async close(worker: Program) {
      await Promise.all([first, second, worker].map((program) => program.end('SIGTERM')));
      await client.end();
      await sandbox.close();
      await database.drop();
    },
  };
}

const fault = (sandbox: Sandbox, body: object) =>
  fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body: JSON.stringify(body) }).then((answer) =>
    expect(answer.status).toBe(200),
  );

const backends: [string, boolean][] = [
  ['Postgres', false],
  ['Redis', true],
];

describe.each(backends)('two APIs and one worker, with queue and wakes on %s', (name, onRedis) => {
  if (onRedis && !hasRedis) {
    it.skip('redis-server is not installed here, so this is not tested', () => {});
    return;
  }
  let redis: TestRedis | null = null;
  let undisturbed: unknown[];

  beforeAll(async () => {
    redis = onRedis ? await startRedis() : null;
  });
  afterAll(async () => {
    await redis?.stop();
  });

  it(`streams a sync to a subscriber that changes sides, each event once (${name})`, async () => {
    const all = await startAll(redis);
    const worker = await startProgram('worker', all.environment);
    const [{ position }] = await all.sql(SELECT_NOW);
    let after = cursorOf(position);
    await postGraphql(all.first.url, gql('mutation { startSync { runs { id } } }'), {}, OPERATOR);
    const seen: string[] = [];
    let completed = 0;
    for (let move = 0; completed < SYNC_SCOPES.length; move++) {
      const stream = subscribe((move % 2 ? all.first : all.second).url, OPERATOR, EVENTS, { after });
      for (let taken = 0; taken < 7 && completed < SYNC_SCOPES.length; taken++) {
        const event = present((await stream.take(1))[0]);
        seen.push(event.cursor);
        after = event.cursor;
        if (event.type === 'RUN_COMPLETED') completed += 1;
      }
      await stream.close();
    }
    const rows = await all.sql(
      `select ${POSITION} from sync_events union all
       select ${POSITION} from cloud_resource_events where run_id is not null`,
    );
    const wanted = rows.map((row) => cursorOf(row.position));
    expect(seen.length).toBe(new Set(seen).size);
    expect(new Set(seen)).toEqual(new Set(wanted));
    undisturbed = await all.sql(INVENTORY);
    expect(undisturbed).toHaveLength(36);
    await all.close(worker);
  });

  it(`a worker that is killed in the middle of a sync leaves the same inventory as an undisturbed one (${name})`, async () => {
    const all = await startAll(redis);
    const killed = await startProgram('worker', all.environment);
    // Lists hang, so that runs are certainly under way when the worker dies.
    await fault(all.sandbox, { method: 'GET', path: '/v2/projects/*', skip: 1, times: 1, delayMs: 60_000 });
    await fault(all.sandbox, { method: 'GET', path: '/v2/droplets', times: 1, delayMs: 60_000 });
    const stream = subscribe(all.first.url, OPERATOR, EVENTS, { after: BEGINNING });
    await postGraphql(all.first.url, gql('mutation { startSync { runs { id } } }'), {}, OPERATOR);
    await stream.until((event) => event.type === 'PAGE_FETCHED' && event.run.scope === 'PROJECTS');
    await killed.end('SIGKILL');
    const unfinished = () => all.sql(`select scope from sync_runs where status <> 'completed'`);
    const open = new Set((await unfinished()).map((run) => run.scope.toUpperCase()));
    expect(open).toContain('PROJECTS');
    await all.sql(`select pg_sleep_until(max(lease_until)) from sync_runs where status = 'running'`);

    await fetch(`${all.sandbox.url}/_sandbox/faults`, { method: 'DELETE' });
    const worker = await startProgram('worker', all.environment);
    await stream.until((event) => {
      if (event.type === 'RUN_COMPLETED') open.delete(event.run.scope);
      return open.size === 0;
    });
    await stream.close();
    expect(await unfinished()).toEqual([]);
    expect(await all.sql(INVENTORY)).toEqual(undisturbed);
    await all.close(worker);
  });
});
