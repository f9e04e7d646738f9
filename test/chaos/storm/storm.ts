import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../disturb.js';
import { checkStorm, readGolden } from './storm-check.js';
import { type Fault, faultsFor, mountSmallDisk } from './storm-faults.js';
import { type AskedFor, type Load, startLoad } from './storm-load.js';
import { type StormWorld, startStormWorld } from './storm-world.js';

/** Holds initdb's files, the log and what a run writes. */
const DISK_MB = 384;
/** By then work goes on after any fault, or it is a violation. */
const RECOVERY_MS = 60_000;

export interface StormOutcome extends Outcome {
  /**
   * By the fault's name: milliseconds from its end until a new saga had completed a step and one that was under way had
   * gone on, both as subscribers saw it.
   */
  readonly recoveries: ReadonlyMap<string, readonly number[]>;
  /** Why some faults were left out. */
  readonly skipped: readonly string[];
}

export interface StormPlan {
  readonly onRedis: boolean;
  readonly faults: number;
  readonly seed: number;
  /** Names of faults; left out: all that can be made here, each as often as the others. */
  readonly only?: readonly string[];
  readonly say?: (line: string) => void;
}

/** Fault after fault, sometimes two at once, under a load of sagas; after each one it measures when work goes on. */
export async function storm({ onRedis, faults, seed, only, say = () => {} }: StormPlan): Promise<StormOutcome> {
  const diskDirectory = await mkdtemp(join(tmpdir(), 'arcadia-disk-'));
  await chmod(diskDirectory, 0o755);
  const disk = mountSmallDisk(diskDirectory, DISK_MB);
  const isSmall = typeof disk !== 'string';
  const unmount = () => isSmall && disk.unmount();
  process.once('exit', unmount); // of a run that is interrupted
  try {
    const world = await startStormWorld({ onRedis, seed, ...(isSmall ? { postgresDirectory: diskDirectory } : {}) });
    try {
      const known = Object.entries(faultsFor(world, isSmall ? diskDirectory : null));
      const chosen = known.filter(([name]) => !only || only.includes(name));
      return { ...(await blow(world, chosen, faults, say)), skipped: isSmall ? [] : [disk] };
    } finally {
      await world.close();
    }
  } finally {
    process.off('exit', unmount);
    unmount();
    await rm(diskDirectory, { recursive: true, force: true });
  }
}

async function blow(
  world: StormWorld,
  kinds: readonly (readonly [string, Fault])[],
  count: number,
  say: (line: string) => void,
): Promise<Omit<StormOutcome, 'skipped'>> {
  const golden = await readGolden(world);
  const load = startLoad(world);
  const wrong: string[] = [];
  const recoveries = new Map<string, number[]>();
  const note = (name: string, ms: number) => recoveries.set(name, [...(recoveries.get(name) ?? []), ms]);
  try {
    note('(no fault)', await recovery(load, 'calm'));
    const bag: (readonly [string, Fault])[] = [];
    const draw = () => {
      if (bag.length === 0) bag.push(...kinds);
      return bag.splice(Math.floor(world.random() * bag.length), 1)[0] as readonly [string, Fault];
    };
    for (let done = 0; done < count; ) {
      const drawn = [draw()];
      if (done + 1 < count && world.random() < 0.15) {
        const second = draw();
        // Two on the same server would be in each other's way.
        if (serverOf(second[0]) === serverOf(drawn[0]?.[0] ?? '')) bag.push(second);
        else drawn.push(second);
      }
      const during = load.create(`during-${done}`);
      during.catch((error) => wrong.push(String(error)));
      await sleep(world.random() * 500);
      const names = drawn.map(([name]) => name).join(' + ');
      await Promise.all(drawn.map(([, fault]) => fault(world)));
      done += drawn.length;
      const took = await recovery(load, `after-${done}`, during).catch((error) => String(error.message));
      say(`${done}/${count} ${names}: ${typeof took === 'number' ? `${Math.round(took)} ms` : took}`);
      if (typeof took !== 'number') wrong.push(`after ${names}: ${took}`);
      else if (drawn.length === 1) note(names, took);
      for (const end of await world.reviveEnded()) {
        say(`ended by itself (${names}): ${end.slice(0, 300)}`);
        wrong.push(`after ${names}: ${end}`);
      }
    }
    wrong.push(...(await checkStorm(world, load, golden)));
  } finally {
    load.stop();
  }
  const events = load.all.reduce((sum, { notes }) => sum + notes.length, 0);
  const eventsOfAll = load.notesOfAll.reduce((sum, notes) => sum + notes.length, 0);
  return {
    done: `${count} faults of ${kinds.length} kinds`,
    sagas: load.all.length,
    events: events + eventsOfAll,
    violations: wrong,
    recoveries,
  };
}

const serverOf = (name: string): string =>
  /postgres|redis|provider/.exec(name.replace('disk', 'postgres'))?.[0] ?? 'ours';

/**
 * Milliseconds until a new saga is accepted and has completed a step, and one that is under way goes on. Throws once that
 * takes too long.
 */
async function recovery(load: Load, slug: string, underWay?: Promise<AskedFor>): Promise<number> {
  const startedMs = performance.now();
  const late = new AbortController();
  const tooLate = sleep(RECOVERY_MS, null, { signal: late.signal }).then(() => {
    throw new Error(`work did not go on within ${RECOVERY_MS} ms`);
  });
  try {
    const goesOn = Promise.all([
      load.create(slug).then((asked) => load.untilStepped(asked)),
      underWay?.then((asked) => untilMoved(asked, late.signal)),
    ]);
    await Promise.race([goesOn, tooLate]);
  } finally {
    late.abort();
    tooLate.catch(() => undefined);
  }
  return performance.now() - startedMs;
}

/** Resolves once its subscriber has noted something more, or has noted everything. */
async function untilMoved(asked: AskedFor, signal: AbortSignal): Promise<void> {
  const before = asked.notes.length;
  while (!asked.hasEnded && asked.notes.length === before && !signal.aborted) await sleep(10);
}

/** One line a fault: how often, the median and the longest time until work went on. */
export function recoveryTable(recoveries: ReadonlyMap<string, readonly number[]>): string[] {
  const line = (name: string, ...cells: readonly (string | number)[]) =>
    name.padEnd(44) + cells.map((cell) => String(cell).padStart(10)).join('');
  const rows = [...recoveries]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, times]) => {
      const sorted = [...times].sort((a, b) => a - b);
      const ms = (at: number) => `${((sorted[at] as number) / 1_000).toFixed(1)} s`;
      return line(name, times.length, ms(Math.floor(sorted.length / 2)), ms(sorted.length - 1));
    });
  return [line('fault (alone)', 'times', 'median', 'longest'), ...rows];
}
