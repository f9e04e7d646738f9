// Rollup of tenants with a month of daily records each: invoices a second as tenants grow, beside the bare SQL that reads the same records.

import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import type { DataSource } from 'typeorm';
import { readConfig } from '../src/config.js';
import { createDataSource } from '../src/database/data-source.js';
import { createReads } from '../src/database/reads.js';
import { seedCatalog } from '../src/services/catalog/seed-catalog.js';
import { rollUpInvoices } from '../src/services/invoices/roll-up-invoices.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

/** Tenants, and how often they are rolled up: few are done so fast that once says little. */
const SIZES = [
  [100, 25],
  [1_000, 5],
  [10_000, 1],
] as const;
const RESOURCES = 3;
const WARM_UP = 10;

/** Deployments up to `count`, one a tenant, each subscribed and with a month of records of three droplets. */
async function grow(db: DataSource, from: number, count: number): Promise<void> {
  await db.query(
    `with made as (
       insert into deployments (tenant_id, slug, display_name, state, created_at)
       select 'tenant-' || n, 'app', 'App', 'active', now() from generate_series($1::int + 1, $2::int) n returning id
     ), subscribed as (
       insert into subscriptions (deployment_id, plan_version_id, status, starts_on, created_at)
       select made.id, version.id, 'active', '2026-01-01', now() from made, plan_versions version join plans on plans.id = version.plan_id
       where plans.code = 'studio' returning id, plan_version_id
     ), opened as (
       insert into subscription_segments (subscription_id, plan_version_id, from_day) select id, plan_version_id, '2026-01-01' from subscribed
     )
     insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
     select deployment_id, resource_id, 'droplet_hours', 'daily', day, 24
     from generate_series('2026-04-01T00:00:00Z'::timestamptz, '2026-04-30T00:00:00Z', interval '1 day') day
     cross join (select made.id as deployment_id, gen_random_uuid() as resource_id from made, generate_series(1, $3::int)) resource`,
    [from, count, RESOURCES],
  );
  await db.query('vacuum analyze');
}

const BARE = `select deployment_id, kind, sum(quantity) from usage_records
  where period_start >= '2026-04-01T00:00:00Z' and period_start < '2026-05-01T00:00:00Z' group by deployment_id, kind`;

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const db = await createDataSource({ url: database.url }).initialize();
  const reads = createReads(database.url, (error) => say(String(error)));
  const app = {
    db,
    reads,
    clock: () => new Date('2026-05-01T03:00:00Z'),
    config: readConfig({}),
    log: pino({ level: 'silent' }),
  };
  try {
    await seedCatalog(app);
    const rollUp = async (size: number) => {
      await db.query('delete from invoice_lines');
      await db.query('delete from invoices');
      return time(async () => {
        const { created } = await rollUpInvoices(app, {
          period: '2026-04-01',
          tenantId: null,
          force: false,
          allowUnmetered: true,
        });
        if (created !== size) throw new Error(`${created} invoices of ${size}`);
      });
    };
    const msPerTenant: number[] = [];
    let have = 0;
    for (const [size, rounds] of SIZES) {
      await grow(db, have, size);
      have = size;
      // A program that runs already, as the one of the schedule does.
      if (msPerTenant.length === 0) for (let round = 0; round < WARM_UP; round++) await rollUp(size);
      const [bares, rollUps]: [number[], number[]] = [[], []];
      for (let round = 0; round < rounds; round++) {
        bares.push(await time(() => db.query(BARE)));
        rollUps.push(await rollUp(size));
      }
      const [bare, ms] = [median(bares), median(rollUps)];
      msPerTenant.push(ms / size);
      say(
        `     ${size} tenants: ${Math.round((size * 1_000) / ms)} invoices a second; ${(ms / bare).toFixed(1)}x the SQL that reads the records alone`,
      );
    }
    report('rollup, time a tenant at 10,000 / at 100', (msPerTenant[2] as number) / (msPerTenant[0] as number), {
      atMost: 1.25,
    });
  } finally {
    await reads.end();
    await db.destroy();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
