import { startEmbeddedPostgres } from '../src/database/embedded-postgres.js';
import { migrate } from '../src/database/migrate.js';

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

export interface BenchDatabase {
  readonly url: string;
  stop(): Promise<void>;
}

/** A durable Postgres as the product runs it, with our schema and no rows. */
export async function startBenchDatabase(): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({});
  await postgres.createDatabase('bench');
  await migrate(postgres.url('bench'));
  return { url: postgres.url('bench'), stop: () => postgres.stop() };
}

/** Milliseconds that `work` takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
}

/** `measured / floor` beside what is asked for: "at most" for costs, "at least" for throughput. */
export function report(name: string, ratio: number, target: { atMost: number } | { atLeast: number }): void {
  const wanted = 'atMost' in target ? `at most ${target.atMost}` : `at least ${target.atLeast}`;
  const holds = 'atMost' in target ? ratio <= target.atMost : ratio >= target.atLeast;
  say(`${holds ? 'ok  ' : 'MISS'} ${name}: ${ratio.toFixed(2)}x (${wanted}x)`);
}
