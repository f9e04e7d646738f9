// An invoice of 1,000,000 lines through the whole ingest, beside csv-parse alone plus one COPY of the same rows; and how
// much of it is matching against 100,000 resources.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { parse } from 'csv-parse';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pino } from 'pino';
import { readConfig } from '../src/config.js';
import { matchLine } from '../src/core/costs/match.js';
import { parsePeriod } from '../src/core/time/period.js';
import { createDataSource } from '../src/database/data-source.js';
import { createReads } from '../src/database/reads.js';
import { type IngestApp, ingestInvoice } from '../src/services/costs/ingest-invoice.js';
import { loadInventory } from '../src/services/costs/load-inventory.js';
import { readInvoiceCsv } from '../src/services/costs/read-invoice-csv.js';
import { report, say, startBenchDatabase, time } from './support.js';

/** Fewer for a quick look; what is reported is the million. */
const LINES = Number(process.env['BENCH_LINES'] ?? 1_000_000);
const RESOURCES = 100_000;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SCOPES = ['projects', 'droplets', 'volumes', 'snapshots', 'floating_ips', 'load_balancers'];

/** Of ten lines: seven droplets, a backup, a snapshot, and one that is gone, misspelt, tax or of the account. */
function csvLine(n: number): string {
  const of = (n * 7919) % RESOURCES;
  const start = `2026-04-${String(1 + (n % 28)).padStart(2, '0')} 00:00:00 +0000`;
  const cells = (product: string, description: string, hours: number, cents: number) =>
    `${product},,${description},${hours},${start},2026-05-01 00:00:00 +0000,$${(cents / 100).toFixed(2)},project-${n % 40},iaas\n`;
  const cents = 1 + (n % 4_000);
  switch (n % 10) {
    case 7:
      return cells('Droplet Backups', `web-${of - (of % 2)}.example.com (Weekly Backup Services)`, 4, cents);
    case 8:
      return cells('Droplet Snapshots', `nightly-${of | 1}-1698786725800 (syd1) 3.18GB Droplet Snapshot`, 720, cents);
    case 9:
      if (n % 1_000 === 9) return cells('Taxes', 'GST (10.00%)', 0, cents);
      if (n % 1_000 === 19)
        return cells('Spaces Subscription', 'Spaces ($5/mo 250GB storage & 1TB bandwidth)', 720, cents);
      if (n % 100 === 29) return cells('Droplets', `wbe-${of - (of % 2)}.example.com (s-1vcpu-1gb)`, 720, cents);
      return cells('Droplets', `"burst, ${n % 5_000}" (s-1vcpu-1gb)`.replaceAll('"', ''), 12, cents).replace(
        /,,(burst, \d+ \([^)]*\)),/,
        ',,"$1",',
      );
    default:
      return cells('Droplets', `web-${of - (of % 2)}.example.com (s-1vcpu-2gb)`, 720, cents);
  }
}

async function writeCsv(path: string, lines: number): Promise<void> {
  function* chunks() {
    yield 'product,group_description,description,hours,start,end,USD,project_name,category\n';
    for (let from = 0; from < lines; from += 1_000) {
      let chunk = '';
      for (let n = from; n < Math.min(lines, from + 1_000); n++) chunk += csvLine(n);
      yield chunk;
    }
  }
  await pipeline(Readable.from(chunks()), createWriteStream(path));
}

/** Half droplets, half snapshots. */
async function makeInventory(client: pg.Client): Promise<void> {
  await client.query(
    `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, region, attrs, first_seen_at, last_seen_at)
     select 'digitalocean', case when n % 2 = 0 then 'droplet' else 'snapshot' end,
       case when n % 2 = 0 then 'droplet' else 'snapshot' end, n::text,
       case when n % 2 = 0 then 'web-' || n || '.example.com' else 'nightly-' || n || '-1698786725800' end, 'syd1',
       '{"size_gigabytes": 3.18}', '2024-01-01', now()
     from generate_series(0, ${RESOURCES - 1}) n`,
  );
  await client.query(
    `insert into sync_runs (scope, status, trigger, requested_by, queued_at, finished_at)
     select scope, 'completed', 'schedule', 'bench', now(), now() from unnest($1::text[]) scope`,
    [SCOPES],
  );
  await client.query('vacuum analyze cloud_resources');
}

/** The most memory that was in use beside what was before, looked at ten times a second. */
async function peakMemory(work: () => Promise<unknown>): Promise<number> {
  const used = () => process.memoryUsage().rss;
  globalThis.gc?.();
  const before = used();
  let peak = before;
  const timer = setInterval(() => {
    peak = Math.max(peak, used());
  }, 100);
  await work();
  clearInterval(timer);
  return (peak - before) / 1e6;
}

/** csv-parse by itself, told nothing but to read; its records are counted and let go. */
async function parseAlone(path: string): Promise<void> {
  const parser = createReadStream(path).pipe(parse({ bom: true }));
  let records = 0;
  for await (const _record of parser) records++;
  if (records !== LINES + 1) throw new Error(`${records} records`);
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'arcadia-bench-'));
  const db = await createDataSource({ url: database.url }).initialize();
  const reads = createReads(database.url, () => {});
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const csv = join(directory, 'invoice.csv');
    const rows = join(directory, 'rows');
    const tenth = join(directory, 'tenth.csv');
    await writeCsv(csv, LINES);
    await writeCsv(tenth, LINES / 10);
    let served = csv;
    await makeInventory(client);
    const { rows: made } = await client.query(
      `insert into cloud_invoices (provider, provider_id, period, currency, total_cents, issued_at, discovered_at,
         ingest_status, ingest_queued_at)
       values ('digitalocean', 'bench', '2026-04-01', 'USD', 0, now(), now(), 'discovered', now()) returning id`,
    );
    const invoiceId: string = made[0].id;
    const app = {
      db,
      reads,
      clock: () => new Date(),
      digitalOcean: { billing: { invoices: { csv: async () => createReadStream(served) } } },
      finance: null,
      queues: { add: async () => {} },
      log: pino({ level: 'silent' }),
      processId: 'bench',
      config: readConfig({}),
    } as unknown as IngestApp;
    const ingestAnew = async () => {
      await client.query(`update cloud_invoices set ingest_status = 'ingesting' where id = $1`, [invoiceId]);
      await ingestInvoice(app, invoiceId, new AbortController().signal);
    };
    const clear = async () => {
      await client.query('update cloud_invoices set live_ingest_id = null, lines_total_cents = null');
      await client.query('delete from cloud_invoice_ingests');
      await client.query('truncate cloud_cost_lines');
      await client.query('checkpoint');
    };

    // Once to make the rows that the floor copies, and to warm up.
    await ingestAnew();
    const [{ count }] = await db.query('select count(*)::int as count from live_cost_lines');
    if (count !== LINES) throw new Error(`${count} of ${LINES} lines were ingested`);
    await pipeline(client.query(copyTo('copy cloud_cost_lines to stdout')), createWriteStream(rows));

    const results: {
      floor: number;
      ours: number;
      matching: number;
      memory: number;
      parsing: number;
      copying: number;
    }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await clear();
      const parsing = await time(() => parseAlone(csv));
      const copying = await time(() =>
        pipeline(createReadStream(rows), client.query(copyFrom('copy cloud_cost_lines from stdin'))),
      );
      await clear();
      let ours = 0;
      const memory = await peakMemory(async () => {
        ours = await time(ingestAnew);
      });
      const matching = await timeMatching(app, csv);
      results.push({ floor: parsing + copying, ours, matching, memory, parsing, copying });
      say(
        `     round ${round + 1}: csv-parse ${seconds(parsing)}, COPY ${seconds(copying)}; ingest ${seconds(ours)}, of it matching ${seconds(matching)}`,
      );
    }
    await clear();
    served = tenth;
    const shortMemory = await peakMemory(ingestAnew);
    const middle = (of: (result: (typeof results)[number]) => number) =>
      results.map(of).sort((a, b) => a - b)[Math.floor(results.length / 2)] as number;
    report(
      `invoice of ${LINES} lines / csv-parse alone and one COPY of the same rows`,
      middle((r) => r.ours / r.floor),
      {
        atMost: 2,
      },
    );
    report(
      `matching it against ${RESOURCES} resources / the rest of the ingest`,
      middle((r) => r.matching / (r.ours - r.matching)),
      {
        atMost: 1,
      },
    );
    say(
      `     memory while it ran: ${results.map(({ memory }) => `+${Math.round(memory)} MB`).join(', ')}; of an invoice a tenth as long: +${Math.round(shortMemory)} MB`,
    );
  } finally {
    await client.end();
    await reads.end();
    await db.destroy();
    await database.stop();
    await rm(directory, { recursive: true });
  }
}

/** Reading the inventory and matching every line against it, apart from all else. */
async function timeMatching(app: IngestApp, csv: string): Promise<number> {
  let spent = 0;
  const started = performance.now();
  const { index } = await loadInventory(app, parsePeriod('2026-04', 'period'));
  spent += performance.now() - started;
  for await (const lines of readInvoiceCsv(createReadStream(csv))) {
    const from = performance.now();
    for (const line of lines) matchLine(line, index);
    spent += performance.now() - from;
  }
  return spent;
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
