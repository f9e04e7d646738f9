// What one tenant may do to the API: memory above idle, the delay of health, and what another tenant waits.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { signToken } from '../src/commands/token.js';
import { BENCH_SECRET, type BenchProcess, startApi } from './processes.js';
import { median, percentile, report, say, startBenchDatabase } from './support.js';

const SECONDS = 8;
const IN_PARALLEL = 20;
const MAX_EXTRA_MB = 300;
const MAX_HEALTH_MS = 50;
const tokenOf = (tenantId: string) =>
  signToken(BENCH_SECRET, { tenantId, roles: ['member'], subject: `bench@${tenantId}`, hours: 1 });
const LIGHT = '{ resources(first: 20) { nodes { id kind name } } }';

interface Load {
  readonly name: string;
  /** The nth request; each is sent as soon as one before it is answered. */
  body(n: number): object;
}

const nested = (times: number) => `${'lines { invoice { '.repeat(times)} id ${'} } '.repeat(times)}`;
const LOADS: readonly Load[] = [
  { name: 'lines{invoice{lines… four times', body: () => ({ query: `{ invoices { nodes { ${nested(4)} } } }` }) },
  {
    name: 'lines{invoice{lines… as often as allowed',
    body: () => ({ query: `{ invoices(first: 1) { nodes { ${nested(3)} } } }` }),
  },
  {
    name: 'large allowed queries',
    body: () => ({
      query:
        '{ resources(first: 200) { nodes { id name attrs project { id name } events(first: 30) { nodes { id type at actor } } } } }',
    }),
  },
  { name: '100,000 selections', body: (n) => ({ query: `{ viewer { ${'subject '.repeat(100_000)} } } #${n}` }) },
  {
    name: 'new documents as large as allowed',
    body: (n) => ({
      query: `{ ${Array.from({ length: 28 }, (_, k) => `a${k}: resources(first: 1) { nodes { ${'id name '.repeat(4)} } }`).join(' ')} } #${n}`,
    }),
  },
  {
    name: 'new documents that are invalid',
    body: (n) => ({ query: `{ viewer { ${Array.from({ length: 1_990 }, (_, k) => `no${k}`).join(' ')} } } #${n}` }),
  },
  {
    name: 'variables of 1.9 MB',
    body: () => ({
      query: 'query($f: ResourceFilter) { resources(filter: $f) { nodes { id } } }',
      variables: { f: { kinds: Array.from({ length: 170_000 }, () => 'DROPLET') } },
    }),
  },
];

async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const tenant of ['loud', 'calm']) {
    await client.query(
      `insert into cloud_projects (provider, provider_id, name, is_default, tenant_id, first_seen_at, last_seen_at)
       values ('digitalocean', $1, $1, false, $1, now(), now())`,
      [tenant],
    );
    await client.query(
      `insert into cloud_resources (provider, kind, provider_kind, provider_id, name, status, region, tags, attrs,
         cloud_project_id, tenant_id, first_seen_at, last_seen_at)
       select 'digitalocean', 'droplet', 'x', $1 || n, 'web-' || n, 'active', 'syd1', array['a', 'b'],
         jsonb_build_object('size_slug', 's-1vcpu-2gb', 'memory', 2048), project.id, $1,
         now() - n * interval '1 second', now()
       from cloud_projects project, generate_series(1, 500) n where project.name = $1`,
      [tenant],
    );
    await client.query(
      `insert into cloud_resource_events (resource_id, type, at, changes, actor)
       select resource.id, 'updated', now(), '{"name": {"from": "a", "to": "b"}}', 'bench'
       from cloud_resources resource, generate_series(1, 30) where resource.tenant_id = $1`,
      [tenant],
    );
    await client.query(
      `with one as (
         insert into invoices (tenant_id, period, status, currency, subtotal_cents, tax_cents, total_cents, drafted_at)
         values ($1, '2026-01-01', 'draft', 'AUD', 0, 0, 0, now()) returning id)
       insert into invoice_lines (invoice_id, position, kind, description, quantity, unit, unit_price_cents,
         amount_cents, currency, meta)
       select one.id, n, 'addon', 'line', 1, 'month', 0, 0, 'AUD', '{}' from one, generate_series(1, 500) n`,
      [tenant],
    );
  }
  await client.query('vacuum analyze');
  await client.end();
}

const residentMb = ({ pid }: BenchProcess): number => {
  const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kb) / 1_024;
};

/** Asks again and again in a thread of its own, so that the load's own work does not delay its clock. */
const PROBE = `
  const { parentPort, workerData: { url, init, pauseMs } } = require('node:worker_threads');
  const times = []; let stopped = false;
  parentPort.once('message', () => { stopped = true; });
  (async () => {
    while (!stopped) {
      const started = performance.now();
      const answer = await fetch(url, init); await answer.text();
      if (!answer.ok) throw new Error(url + ' answered ' + answer.status);
      times.push(performance.now() - started);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    parentPort.postMessage(times);
  })();`;

function startProbe(url: string, init: object, pauseMs: number): { stop(): Promise<number[]> } {
  const worker = new Worker(PROBE, { eval: true, workerData: { url, init, pauseMs } });
  const times = new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  times.catch(() => undefined);
  return {
    stop() {
      worker.postMessage('stop');
      return times;
    },
  };
}

const post = (token: string, body: object) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
  body: JSON.stringify(body),
});

interface Figures {
  readonly peakMb: number;
  readonly healthMs: number;
  readonly otherMs: number;
  readonly outcomes: string;
}

async function measure(api: BenchProcess, load: Load | null): Promise<Figures> {
  const health = startProbe(`${api.url}/api/health`, {}, 10);
  const other = startProbe(`${api.url}/graphql`, post(tokenOf('calm'), { query: LIGHT }), 10);
  const outcomes = new Map<string, number>();
  const [token, until] = [tokenOf('loud'), Date.now() + SECONDS * 1_000];
  let [peakMb, sent] = [0, 0];
  const client = async () => {
    while (load && Date.now() < until) {
      // A connection is cut if the client sends on long after its rejection.
      const text = await fetch(`${api.url}/graphql`, post(token, load.body(sent++))).then(
        (answer) => answer.text(),
        () => '"code":"CUT"',
      );
      const [, code = 'answered'] = /"code":"([A-Z_]+)"/.exec(text) ?? [];
      outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
    }
  };
  const clients = Array.from({ length: IN_PARALLEL }, client);
  while (Date.now() < until) {
    peakMb = Math.max(peakMb, residentMb(api));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const [healthTimes, otherTimes] = await Promise.all([health.stop(), other.stop()]);
  await Promise.all(clients);
  const counted = [...outcomes].map(([code, count]) => `${count} ${code}`).join(', ');
  return { peakMb, healthMs: percentile(healthTimes, 0.99), otherMs: median(otherTimes), outcomes: counted };
}

export async function run(): Promise<void> {
  const database = await startBenchDatabase();
  await fill(database.url);
  const api = await startApi(database.url);
  try {
    await measure(api, null);
    for (const load of LOADS) {
      // On a machine with other work, only the idle figures of the same minute say what the load itself costs.
      const idle = await measure(api, null);
      const { peakMb, healthMs, otherMs, outcomes } = await measure(api, load);
      say(
        `     idle: ${idle.peakMb.toFixed(0)} MB, health p99 ${idle.healthMs.toFixed(1)} ms, another tenant ${idle.otherMs.toFixed(1)} ms`,
      );
      say(`     ${load.name}, ${IN_PARALLEL} at once: ${outcomes}`);
      say(`     ${(peakMb - idle.peakMb).toFixed(0)} MB above idle, health p99 ${healthMs.toFixed(1)} ms`);
      report('memory above idle / 300 MB', (peakMb - idle.peakMb) / MAX_EXTRA_MB, { atMost: 1 });
      report('health p99 / 50 ms', healthMs / MAX_HEALTH_MS, { atMost: 1 });
      report("another tenant's median / idle", otherMs / idle.otherMs, { atMost: 2 });
    }
  } finally {
    await api.stop();
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run();
