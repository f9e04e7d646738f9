// No-op steps through the whole saga engine beside DBOS Transact on the same Postgres; the stream's latency beside a bare
// LISTEN/NOTIFY; the 10,000th saga beside the 10th.

import { pathToFileURL } from 'node:url';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { App } from '../src/context.js';
import { migrate } from '../src/database/migrate.js';
import { latency } from './saga-latency.js';
import { noOp, runNoOps, spread, startNoOps, startParts } from './saga-parts.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

const STEPS = 10;
/** What one worker runs at once. */
const AT_ONCE = 20;
const ROUNDS = 7;
const MANY = 10_000;
const SAMPLES = 150;

const step = noOp();

/** The same steps, each recorded before the next begins. */
const workflow = DBOS.registerWorkflow(
  async (says: string) => {
    let heard = { heard: '' };
    for (let n = 0; n < STEPS; n++) heard = await DBOS.runStep(async () => ({ heard: says }), { name: 'NoOp' });
    return heard;
  },
  { name: 'bench' },
);

const runOne = async (app: App, steps: number) => runNoOps(app, await startNoOps(app, steps), step);

/** Both start as many as run at once, from the first insert to the end of the last one; rounds alternate. */
async function throughput(app: App, databaseUrl: string): Promise<void> {
  DBOS.setConfig({ name: 'bench', systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: AT_ONCE, logLevel: 'error' });
  await DBOS.launch();
  try {
    for (const [atOnce, count] of [
      [AT_ONCE, 200],
      [1, 30],
    ] as const) {
      const ratios: number[] = [];
      const rates: Record<'ours' | 'theirs', number[]> = { ours: [], theirs: [] };
      for (let round = 0; round <= ROUNDS; round++) {
        const theirs = await time(() => spread(count, atOnce, () => workflow('hello')));
        const ours = await time(() => spread(count, atOnce, () => runOne(app, STEPS)));
        if (round === 0) continue;
        ratios.push(theirs / ours);
        rates.ours.push((count * STEPS * 1_000) / ours);
        rates.theirs.push((count * STEPS * 1_000) / theirs);
      }
      report(`no-op steps a second, ${atOnce} sagas at once / DBOS Transact`, median(ratios), { atLeast: 1 });
      say(
        `     ${Math.round(median(rates.ours))} beside ${Math.round(median(rates.theirs))} steps a second; rounds ${ratios
          .map((ratio) => ratio.toFixed(2))
          .join(', ')}`,
      );
    }
  } finally {
    await DBOS.shutdown();
  }
}

/** A saga among few and a saga among many, each in a database of its own, in turns and one at a time. */
async function flatness(app: App, databaseUrl: string): Promise<void> {
  const fewUrl = new URL(databaseUrl);
  fewUrl.pathname = '/few';
  await app.db.query('create database few');
  await migrate(fewUrl.href);
  const parts = await startParts(fewUrl.href);
  try {
    const [row] = await app.db.query('select count(*)::int as count from saga_runs');
    await spread(MANY - row.count, AT_ONCE, () => runOne(app, STEPS));
    const costs: Record<'few' | 'many', number[]> = { few: [], many: [] };
    for (let n = 0; n < SAMPLES; n++) {
      if (n % 20 === 0) await parts.app.db.query('truncate saga_events, saga_step_results, saga_runs cascade');
      costs.few.push(await time(() => runOne(parts.app, STEPS)));
      costs.many.push(await time(() => runOne(app, STEPS)));
    }
    const [few, many] = [median(costs.few), median(costs.many)];
    report(`a saga after ${MANY} / one of the first 20`, many / few, { atMost: 1.25 });
    say(`     ${many.toFixed(2)} beside ${few.toFixed(2)} ms, ${STEPS} steps each`);
  } finally {
    await parts.close();
  }
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const parts = await startParts(database.url);
  try {
    await throughput(parts.app, database.url);
    await latency(parts.app, database.url);
    await flatness(parts.app, database.url);
  } finally {
    await parts.close();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
