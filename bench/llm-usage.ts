// recordLlmUsage in batches of 1,000, beside the same rows by one multi-row INSERT … ON CONFLICT a batch.

import { pathToFileURL } from 'node:url';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../src/database/data-source.js';
import { type LlmUsage, recordLlmUsage } from '../src/services/metering/record-llm-usage.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

const BATCHES = 40;
const BATCH = 1_000;
const ROUNDS = 3;

function batch(deploymentIds: readonly string[], number: number): LlmUsage[] {
  return Array.from({ length: BATCH }, (_, n) => ({
    gatewayRequestId: `request-${number}-${n}`,
    deploymentId: deploymentIds[n % deploymentIds.length] as string,
    occurredAt: new Date(Date.UTC(2026, 4, 3, 0, 0, n)),
    model: 'large',
    inputTokens: 1_200 + n,
    outputTokens: 300,
    charge: '0.001234567891',
    currency: 'AUD',
  }));
}

/** Values spelt out, as a driver's multi-row insert sends them. */
async function bareInsert(db: DataSource, events: readonly LlmUsage[]): Promise<void> {
  const values: unknown[] = [];
  const rows = events.map((event) => {
    const own = [
      event.gatewayRequestId,
      event.deploymentId,
      event.occurredAt,
      event.model,
      event.inputTokens,
      event.outputTokens,
      event.charge,
      event.currency,
      event.occurredAt,
    ];
    return `(${own.map((value) => `$${values.push(value)}`).join(', ')})`;
  });
  await db.query(
    `insert into llm_usage_events (gateway_request_id, deployment_id, occurred_at, model, input_tokens, output_tokens, charge, currency, recorded_at)
     values ${rows.join(', ')} on conflict (gateway_request_id) do nothing`,
    values,
  );
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const db = await createDataSource({ url: database.url }).initialize();
  try {
    const made: { id: string }[] =
      await db.query(`insert into deployments (tenant_id, slug, display_name, state, created_at)
      select 'tenant-' || n, 'app', 'App', 'active', now() from generate_series(1, 100) n returning id`);
    const ids = made.map((row) => row.id);
    const all = async (write: (events: readonly LlmUsage[]) => Promise<unknown>) => {
      await db.query('truncate llm_usage_events');
      return time(async () => {
        for (let number = 0; number < BATCHES; number++) await write(batch(ids, number));
      });
    };
    const ratios: number[] = [];
    let rate = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bare = await all((events) => bareInsert(db, events));
      const ours = await all((events) => recordLlmUsage({ db, clock: () => new Date() }, events));
      ratios.push(bare / ours);
      rate = (BATCHES * BATCH * 1_000) / ours;
    }
    report('recordLlmUsage, events a second / multi-row INSERT … ON CONFLICT', median(ratios), { atLeast: 0.5 });
    say(`     ${Math.round(rate)} events a second`);
  } finally {
    await db.destroy();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
