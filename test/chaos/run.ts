// Every trouble at its full length: `npm run chaos [-- <seed> [<name> ...]]`; CHAOS_FAULTS: how many a storm has. Ends with 1 where anything was violated.
import 'reflect-metadata';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/database/embedded-postgres.js';
import { migrate } from '../../src/database/migrate.js';
import { killAllPrograms } from '../support/program.js';
import { hasRedis, startRedis } from '../support/redis.js';
import { cutDatabase, everythingAtOnce, killWorkers, type Outcome, stopWorker, troubleProvider } from './disturb.js';
import { recoveryTable, type StormOutcome, storm } from './storm/storm.js';
import { startWorld, type World } from './world.js';

const KILLS = 50;
const FAULTS = Number(process.env['CHAOS_FAULTS'] ?? 200);
const DEPLOYMENTS = 20;

const say = (line: string) => process.stdout.write(`${line}\n`);
const [seedGiven, ...only] = process.argv.slice(2);
const seed = Number(seedGiven ?? Date.now() % 1_000_000);
const directory = await mkdtemp(join(tmpdir(), 'arcadia-chaos-'));
const start = (port?: number) =>
  startEmbeddedPostgres({ directory, settings: { max_connections: '300' }, ...(port ? { port } : {}) });
let postgres: EmbeddedPostgres = await start();
let databases = 0;

process.once('exit', killAllPrograms);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

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
  await sleep(500);
  postgres = await start(port);
}

/** As where its machine goes: without a word to anybody, and what was not written is lost. */
async function crashPostgres(): Promise<void> {
  process.kill(postgres.pid, 'SIGQUIT');
  await restartPostgres();
}

async function onRedis(run: (world: World) => Promise<Outcome>): Promise<Outcome> {
  if (!hasRedis) return { done: 'skipped: there is no redis-server', sagas: 0, events: 0, violations: [] };
  const redis = await startRedis();
  try {
    return await inWorld(run, redis.url);
  } finally {
    await redis.stop();
  }
}

const storms: [string, StormOutcome][] = [];

/** Every kind of fault, on connections through proxies and on the servers behind them. */
async function inStorm(name: string, isOnRedis: boolean): Promise<Outcome> {
  if (isOnRedis && !hasRedis) return { done: 'skipped: there is no redis-server', sagas: 0, events: 0, violations: [] };
  const outcome = await storm({ onRedis: isOnRedis, faults: FAULTS, seed, say: (line) => say(`  ${line}`) });
  storms.push([name, outcome]);
  return outcome;
}

const kill = (world: World) => killWorkers(world, { kills: KILLS, deployments: DEPLOYMENTS });
const runs: Readonly<Record<string, () => Promise<Outcome>>> = {
  kill: () => inWorld(kill),
  'kill-redis': () => onRedis(kill),
  cut: () => inWorld((world) => cutDatabase(world, { cuts: 20, deployments: DEPLOYMENTS })),
  restart: () => inWorld((world) => cutDatabase(world, { cuts: 5, deployments: DEPLOYMENTS, cut: restartPostgres })),
  crash: () => inWorld((world) => cutDatabase(world, { cuts: 5, deployments: DEPLOYMENTS, cut: crashPostgres })),
  stop: () => inWorld((world) => stopWorker(world, { rounds: 5, deployments: DEPLOYMENTS })),
  trouble: () => inWorld((world) => troubleProvider(world, { deployments: DEPLOYMENTS })),
  all: () => inWorld((world) => everythingAtOnce(world, { blows: 50, deployments: DEPLOYMENTS })),
  storm: () => inStorm('storm', false),
  'storm-redis': () => inStorm('storm-redis', true),
};

const unknown = only.filter((name) => !(name in runs));
if (unknown.length > 0) say(`there is no ${unknown}; there are ${Object.keys(runs).join(', ')}`);

const row = (...cells: readonly unknown[]) =>
  say(cells.map((cell, at) => String(cell).padEnd([11, 9, 7, 8, 9, 0][at] ?? 0)).join(''));
say(`seed ${seed}`);
row('chaos', 'seconds', 'sagas', 'events', 'verdict', 'what was done');
let violated = unknown.length;
try {
  for (const [name, run] of Object.entries(runs)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const startedMs = performance.now();
    const { done, sagas, events, violations } = await run().catch(
      (error): Outcome => ({ done: 'not finished', sagas: 0, events: 0, violations: [error.stack ?? String(error)] }),
    );
    const seconds = Math.round((performance.now() - startedMs) / 1_000);
    row(name, seconds, sagas, events, violations.length === 0 ? 'whole' : `${violations.length} WRONG`, done);
    for (const violation of violations) say(`  ${violation}`);
    violated += violations.length;
  }
  for (const [name, { recoveries, skipped }] of storms) {
    say(`\n${name}: from the end of a fault until work went on`);
    for (const line of [...recoveryTable(recoveries), ...skipped]) say(line);
  }
} finally {
  await postgres.stop();
  await rm(directory, { recursive: true, force: true });
}
process.exit(violated > 0 ? 1 : 0);
