import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { cutDatabase, killWorkers, type Outcome, stopWorker, troubleProvider } from './disturb.js';
import { startWorld, type World } from './world.js';

const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);

/** A tenth of what `npm run chaos` does, with real processes. */
describe.each([
  ['Postgres', false],
  ['Redis', true],
])(`sagas in trouble, with queue and wakes on %s (CHAOS_SEED=${SEED})`, (_, onRedis) => {
  if (onRedis && !hasRedis) {
    it.skip('redis-server is not installed here, so this is not tested', () => {});
    return;
  }
  let redis: TestRedis | null = null;
  let database: TestDatabase;
  let world: World;
  beforeAll(async () => {
    redis = onRedis ? await startRedis() : null;
  });
  beforeEach(async () => {
    database = await createTestDatabase();
    world = await startWorld({ databaseUrl: database.url, redisUrl: redis?.url ?? null, timeScale: 0.1, seed: SEED });
  });
  afterEach(async () => {
    await world.close();
    await database.drop();
  });
  afterAll(() => redis?.stop());

  const expectWhole = (outcome: Outcome) => expect(outcome).toMatchObject({ violations: [] });

  it('end whole where their worker is killed at random instants', async () => {
    expectWhole(await killWorkers(world, { kills: onRedis ? 4 : 10, deployments: onRedis ? 4 : 10 }));
  }, 240_000);

  if (onRedis) return;

  it('end whole where every connection to the database is cut', async () => {
    expectWhole(await cutDatabase(world, { cuts: 3, deployments: 4 }));
  }, 240_000);

  it('are left alone by a worker that was stopped past its lease and goes on', async () => {
    expectWhole(await stopWorker(world, { deployments: 4 }));
  }, 240_000);

  it('end whole where DigitalOcean refuses a third of the time and loses answers', async () => {
    expectWhole(await troubleProvider(world, { deployments: 3 }));
  }, 240_000);
});
