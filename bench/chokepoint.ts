// 100,000 resources through the chokepoint, page by page, beside the same rows by COPY into a temporary table and one upsert.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { DataSource } from 'typeorm';
import { createDataSource } from '../src/database/data-source.js';
import { type ObservedResource, observe } from '../src/services/inventory/observe.js';
import { median, report, say, startBenchDatabase, time } from './support.js';

const COUNT = 100_000;
const PAGE = 200;
const ROUNDS = 3;

function resource(n: number): ObservedResource {
  return {
    kind: 'droplet',
    providerKind: 'droplet',
    providerId: String(200_000_000 + n),
    name: `web-${n}.example.com`,
    status: 'active',
    region: 'syd1',
    tags: ['customer', `team-${n % 50}`],
    attrs: {
      public_ipv4: `203.0.${n % 250}.${n % 253}`,
      addresses: {
        public_v4: [`203.0.${n % 250}.${n % 253}`],
        private_v4: [`10.1.${n % 250}.${n % 253}`],
        public_v6: [],
      },
      size_slug: 's-1vcpu-2gb',
      vcpus: 1,
      memory: 2048,
      disk: 50,
      image: 'ubuntu-24-04-x64',
      image_name: '24.04 (LTS) x64',
      image_distribution: 'Ubuntu',
      features: ['backups', 'monitoring', 'private_networking'],
      volume_ids: [],
      vpc_uuid: '5a4981aa-9653-4bd1-bef5-d6bff52042e4',
      created_at: '2024-05-02T10:11:12Z',
    },
  };
}

async function syncAll(db: DataSource, run: { id: string; number: string }): Promise<number> {
  let peak = 0;
  for (let start = 0; start < COUNT; start += PAGE) {
    const page = Array.from({ length: PAGE }, (_, n) => resource(start + n));
    await db.transaction((manager) => observe(manager, { actor: `sync:${run.id}`, at: new Date(), run }, page));
    if (start % 20_000 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
  }
  return peak;
}

const escaped = (text: string) => text.replace(/([\\\t\n\r])/g, (found) => `\\${found}`);

/** The least that could be done: the same rows by COPY, then one upsert into the same table with the same indexes. */
async function copyAndUpsert(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query(`create temporary table incoming (kind text, provider_kind text, provider_id text, name text, status text,
    region text, tags text[], attrs jsonb) on commit drop`);
  function* lines() {
    for (let n = 0; n < COUNT; n++) {
      const { kind, providerKind, providerId, name, status, region, tags, attrs } = resource(n);
      yield `${[kind, providerKind, providerId, name, status ?? '\\N', region ?? '\\N', `{${tags.join(',')}}`, escaped(JSON.stringify(attrs))].join('\t')}\n`;
    }
  }
  await pipeline(Readable.from(lines()), client.query(copyFrom('copy incoming from stdin')));
  await client.query(`insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs,
      first_seen_at, last_seen_at)
    select 'digitalocean', kind, provider_kind, provider_id, name, status, region, tags, attrs, now(), now() from incoming
    on conflict (provider, kind, provider_kind, provider_id) do update set name = excluded.name, status = excluded.status,
      region = excluded.region, tags = excluded.tags, attrs = excluded.attrs, last_seen_at = excluded.last_seen_at`);
  await client.query('commit');
  await client.end();
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const db = await createDataSource({ url: database.url }).initialize();
  const clear = async () => {
    await db.query('truncate cloud_resources, cloud_resource_events cascade');
    await db.query('vacuum analyze cloud_resources');
  };
  try {
    const first: number[] = [];
    const again: number[] = [];
    const heaps: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const run = { id: '00000000-0000-0000-0000-000000000001', number: String(round + 1) };
      await clear();
      const floorFirst = await time(() => copyAndUpsert(database.url));
      await db.query('vacuum analyze cloud_resources');
      const floorAgain = await time(() => copyAndUpsert(database.url));
      await clear();
      const oursFirst = await time(async () => heaps.push(await syncAll(db, run)));
      await db.query('vacuum analyze cloud_resources');
      const [before] = await db.query('select count(*)::int as events from cloud_resource_events');
      const oursAgain = await time(async () => heaps.push(await syncAll(db, run)));
      const [after] = await db.query('select count(*)::int as events from cloud_resource_events');
      if (before.events !== COUNT || after.events !== COUNT)
        throw new Error(`an unchanged resync wrote ${after.events - before.events} events`);
      first.push(oursFirst / floorFirst);
      again.push(oursAgain / floorAgain);
    }
    report(`chokepoint, first sync of ${COUNT} resources / COPY and upsert`, median(first), { atMost: 2 });
    report(`chokepoint, unchanged resync of ${COUNT} resources / COPY and upsert`, median(again), { atMost: 2 });
    say(`     heap while it ran: ${heaps.map((heap) => `${Math.round(heap / 1e6)} MB`).join(', ')}`);
  } finally {
    await db.destroy();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
