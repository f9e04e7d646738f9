// Every trouble at its full length: `npm run chaos [-- <seed>]`. Ends with 1 where anything was violated.
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { hasRedis, startRedis } from '../support/redis.js';
import { cutDatabase, killWorkers, type Outcome, stopWorker, troubleProvider } from './disturb.js';
import { startWorld, type World } from './world.js';

const KILLS = 50;
const DEPLOYMENTS = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(process.argv[2] ?? Date.now() % 1_000_000);
const directory = await mkdtemp(join(tmpdir(), 'arcadia-chaos-'));
const start = (port?: number) =>
  startEmbeddedPostgres({ directory, settings: { max_connections: '300' }, ...(port ? { port } : {}) });
let postgres: EmbeddedPostgres = await start();
let databases = 0;

async function inWorld(run: (world: World) => Promise<Outcome>, redisUrl: string | null = null): Promise<Outcome> {
  const name = `chaos_${++databases}`;
  await postgres.createDatabase(name);
  const databaseUrl = postgres.url(name);
  await migrate(databaseUrl);
  const world = await startWorld({ databaseUrl, redisUrl, timeScale: 0.1, seed: seed + databases });
  try {
    return await run(world);
  } finally {
    await world.close();
  }
}

async function restartPostgres(): Promise<void> {
  const { port } = postgres;
  await postgres.stop();
  postgres = await start(port);
}

const runs: readonly (() => Promise<Outcome>)[] = [
  () => inWorld((world) => killWorkers(world, { kills: KILLS, deployments: DEPLOYMENTS })),
  async () => {
    if (!hasRedis) return { title: 'kill -9, on Redis', done: 'skipped: there is no redis-server', violations: [] };
    const redis = await startRedis();
    try {
      const outcome = await inWorld(
        (world) => killWorkers(world, { kills: KILLS, deployments: DEPLOYMENTS }),
        redis.url,
      );
      return { ...outcome, title: 'kill -9, on Redis' };
    } finally {
      await redis.stop();
    }
  },
  () => inWorld((world) => cutDatabase(world, { cuts: 10, deployments: DEPLOYMENTS })),
  () => inWorld((world) => cutDatabase(world, { cuts: 3, deployments: DEPLOYMENTS, cut: restartPostgres })),
  () => inWorld((world) => stopWorker(world, { deployments: DEPLOYMENTS })),
  () => inWorld((world) => troubleProvider(world, { deployments: DEPLOYMENTS })),
];

say(`seed ${seed}`);
let violated = 0;
try {
  for (const run of runs) {
    const { title, done, violations } = await run();
    say(`${title}: ${done}: ${violations.length === 0 ? 'whole' : `${violations.length} violations`}`);
    for (const violation of violations) say(`  ${violation}`);
    violated += violations.length;
  }
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(violated > 0 ? 1 : 0);
