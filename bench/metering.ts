// One day of metering for 100,000 attributed resources, beside one bare INSERT … SELECT of as many rows into the same table.

import { pathToFileURL } from 'node:url';
import type { DataSource } from 'typeorm';
import { parseDay } from '../src/core/time/period.js';
import { createDataSource } from '../src/database/data-source.js';
import { meterUsage } from '../src/services/metering/meter-usage.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

const COUNT = 100_000;
const ROUNDS = 5;

async function fill(db: DataSource): Promise<void> {
  await db.query(`insert into deployments (tenant_id, slug, display_name, state, created_at)
    select 'tenant-' || n, 'app', 'App', 'active', now() from generate_series(1, 1000) n`);
  await db.query(
    `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, attrs, deployment_id, tenant_id, first_seen_at, last_seen_at)
     select 'digitalocean', kind, kind, n::text, kind || n, 'active', jsonb_build_object('size_gigabytes', n % 100, 'created_at', '2025-01-02T03:04:05Z'),
       deployment.id, deployment.tenant_id, now(), now()
     from generate_series(1, $1::int) n cross join lateral (select (array['droplet', 'snapshot', 'volume', 'dns_zone', 'droplet_backup'])[1 + n % 5] as kind) k
     join (select id, tenant_id, row_number() over () as place from deployments) deployment on deployment.place = 1 + n % 1000`,
    [COUNT],
  );
  await db.query('vacuum analyze cloud_resources');
}

/** The same rows with the same indexes, and nothing asked of them. */
const BARE = `insert into usage_records (deployment_id, resource_id, kind, granularity, period_start, quantity)
  select deployment_id, id, 'bare', 'daily', '2026-05-03T00:00:00Z', 24 from cloud_resources where deployment_id is not null`;

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const db = await createDataSource({ url: database.url }).initialize();
  const clock = () => new Date();
  try {
    await fill(db);
    const ratios: number[] = [];
    const again: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await db.query('truncate usage_records');
      const bare = await time(() => db.query(BARE));
      await db.query('truncate usage_records');
      const meter = () => meterUsage({ db, clock }, parseDay('2026-05-03'));
      const metered = await time(async () => {
        const records = await meter();
        if (records !== COUNT) throw new Error(`${records} records of ${COUNT}`);
      });
      ratios.push(metered / bare);
      again.push((await time(meter)) / bare);
    }
    report(`metering ${COUNT} resources for a day / bare INSERT … SELECT`, median(ratios), { atMost: 2 });
    say(`     the same day again: ${median(again).toFixed(2)}x`);
  } finally {
    await db.destroy();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
