// Every trouble at its full length: `npm run chaos [-- <seed> [<name> ...]]`. Ends with 1 where anything was violated.
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
const [seedGiven, ...only] = process.argv.slice(2);
const seed = Number(seedGiven ?? Date.now() % 1_000_000);
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

async function onRedis(): Promise<Outcome> {
  if (!hasRedis) return { title: 'redis', done: 'skipped: there is no redis-server', violations: [] };
  const redis = await startRedis();
  try {
    return await inWorld((world) => killWorkers(world, { kills: KILLS, deployments: DEPLOYMENTS }), redis.url);
  } finally {
    await redis.stop();
  }
}

const runs: Readonly<Record<string, () => Promise<Outcome>>> = {
  kill: () => inWorld((world) => killWorkers(world, { kills: KILLS, deployments: DEPLOYMENTS })),
  redis: onRedis,
  cut: () => inWorld((world) => cutDatabase(world, { cuts: 10, deployments: DEPLOYMENTS })),
  restart: () => inWorld((world) => cutDatabase(world, { cuts: 3, deployments: DEPLOYMENTS, cut: restartPostgres })),
  stop: () => inWorld((world) => stopWorker(world, { deployments: DEPLOYMENTS })),
  trouble: () => inWorld((world) => troubleProvider(world, { deployments: DEPLOYMENTS })),
};

say(`seed ${seed}`);
let violated = 0;
try {
  for (const [name, run] of Object.entries(runs)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const { title, done, violations } = await run();
    say(`${name} (${title}): ${done}: ${violations.length === 0 ? 'whole' : `${violations.length} violations`}`);
    for (const violation of violations) say(`  ${violation}`);
    violated += violations.length;
  }
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(violated > 0 ? 1 : 0);
