// What attackers without a token and with a tenant's cost the API in memory and in others' time. Each load comes from a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { signToken } from '../src/commands/token.js';
import { LOADS } from './abuse-loads.js';
import { BENCH_SECRET, startProcess } from './processes.js';
import { percentile, say, startBenchDatabase } from './support.js';

const SECONDS = 12;
const MAX_GROWTH_MB = 300;
const MAX_HEALTH_MS = 50;
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const token = signToken(BENCH_SECRET, { tenantId: 'acme', roles: ['member'], subject: 'attacker', hours: 1 });

interface Observed {
  readonly peakMb: number;
  readonly healthP99: number;
}

/** Asks for health all the while, and now and then for the memory. */
async function observe(url: string, seconds: number): Promise<Observed> {
  const latencies: number[] = [];
  let peakMb = 0;
  const end = performance.now() + seconds * 1_000;
  for (let n = 0; performance.now() < end; n++) {
    const started = performance.now();
    const { status } = await fetch(`${url}/api/health`);
    latencies.push(performance.now() - started);
    if (status !== 200) throw new Error(`health answered ${status}`);
    if (n % 20 === 0) peakMb = Math.max(peakMb, await memoryMb(url));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return { peakMb, healthP99: percentile(latencies, 0.99) };
}

async function memoryMb(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]) / 1e6;
}

async function underLoad(name: string, url: string): Promise<Observed> {
  const args = ['--import', './scripts/swc-register.js', 'bench/abuse-loads.ts', name, url];
  const attacker = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], TOKEN: token },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = once(attacker, 'exit');
  try {
    return await observe(url, SECONDS);
  } finally {
    attacker.kill('SIGKILL');
    await gone;
  }
}

/** A process of its own for each load, with the limits that it ships with. */
async function measure(name: string, databaseUrl: string): Promise<void> {
  const api = await startProcess(['src/main.ts', 'api'], {
    DATABASE_URL: databaseUrl,
    DO_API_URL: 'http://127.0.0.1:9',
    PORT: '0',
    ARCADIA_JWT_SECRET: BENCH_SECRET,
  });
  try {
    await observe(api.url, 2);
    const idle = await observe(api.url, 3);
    const { peakMb, healthP99 } = await underLoad(name, api.url);
    const growth = peakMb - idle.peakMb;
    const holds = growth <= MAX_GROWTH_MB && healthP99 <= MAX_HEALTH_MS;
    say(
      `${holds ? 'ok  ' : 'MISS'} ${name}: ${idle.peakMb.toFixed(0)} MB and ${growth.toFixed(0)} more (at most ${MAX_GROWTH_MB}), ` +
        `health p99 ${healthP99.toFixed(1)} ms, idle ${idle.healthP99.toFixed(1)} ms (at most ${MAX_HEALTH_MS})`,
    );
  } finally {
    await api.stop();
  }
}

export async function run(only?: string): Promise<void> {
  const database = await startBenchDatabase();
  try {
    for (const name of LOADS.filter((load) => only === undefined || load.includes(only))) {
      await measure(name, database.url);
    }
  } finally {
    await database.stop();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await run(process.argv[2]);
