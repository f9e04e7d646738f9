import type { DataSource } from 'typeorm';
import { schemaState } from '../database/migrate.js';
import { query } from '../database/queries.js';
import { sql } from '../database/sql.js';
import { lastScheduleFire } from '../services/schedules/schedule-fires.js';

export interface ReadinessChecks {
  readonly db: DataSource;
  readonly pingQueue: () => Promise<void>;
}

export interface Readiness {
  readonly ready: boolean;
  /** `ok`, or what is wrong: with addresses and the like, for operators and the log alone. */
  readonly checks: Readonly<Record<'database' | 'migrations' | 'queue', string>>;
  /** When any schedule last made a job that a worker took; null: never, or nobody can tell now. */
  readonly schedule: { readonly lastFiredAt: string | null };
}

const TIMEOUT_MS = 3_000;
/** Whoever asks again sooner gets the same answer: nobody can load the database by asking. */
const MAX_AGE_MS = 1_000;
const WRITE_EVERY_MS = 10_000;

/** Reads whether requests can be served, at most once a second. */
export function createReadiness(checks: ReadinessChecks): () => Promise<Readiness> {
  const canWrite = remember(WRITE_EVERY_MS, () => outcome(() => writeToDatabase(checks.db)));
  return remember(MAX_AGE_MS, async () => {
    let lastFiredAt: string | null = null;
    const [database, write, migrations, queue] = await Promise.all([
      outcome(async () => {
        await query(checks.db).execute(sql`/* check-database */ select 1`);
      }),
      canWrite(),
      outcome(() => checkMigrations(checks.db)),
      outcome(checks.pingQueue),
      outcome(async () => {
        lastFiredAt = (await lastScheduleFire(checks.db))?.toISOString() ?? null;
      }),
    ]);
    const found = { database: database === 'ok' ? write : database, migrations, queue };
    return { ready: Object.values(found).every((check) => check === 'ok'), checks: found, schedule: { lastFiredAt } };
  });
}

/** What anybody may see of it: which check fails, not why. */
export function withoutReasons({ ready, checks, schedule }: Readiness): Readiness {
  const { database, migrations, queue } = checks;
  const verdict = (check: string) => (check === 'ok' ? 'ok' : 'failed');
  return {
    ready,
    checks: { database: verdict(database), migrations: verdict(migrations), queue: verdict(queue) },
    schedule,
  };
}

/** The last answer for `maxAgeMs`; those who ask while it is found wait for the same one. */
function remember<T>(maxAgeMs: number, find: () => Promise<T>): () => Promise<T> {
  let last: { readonly answer: Promise<T>; readonly at: number } | null = null;
  return () => {
    const now = performance.now();
    if (last === null || now - last.at >= maxAgeMs) last = { answer: find(), at: now };
    return last.answer;
  };
}

/**
 * Writes a row, which a read-only database rejects, and a page of a temporary table, which needs room on the disk. The
 * temporary table is created once for each connection.
 */
async function writeToDatabase(db: DataSource): Promise<void> {
  await db.transaction(async (manager) => {
    const { execute } = query(manager);
    await execute(sql`/* check-write */
      insert into write_checks (at) values (now()) on conflict (id) do update set at = excluded.at`);
    await execute(sql`/* create-write-check-page */
      create temporary table if not exists write_check_page (filler text) on commit delete rows`);
    await execute(sql`/* fill-write-check-page */ insert into write_check_page values (repeat('x', 100))`);
  });
}

async function checkMigrations(db: DataSource): Promise<void> {
  const { pending, unknown } = await schemaState(db);
  if (pending.length > 0) throw new Error(`not applied: ${pending.join(', ')}`);
  if (unknown.length > 0) throw new Error(`migrated by a newer version: ${unknown.join(', ')}`);
}

async function outcome(check: () => Promise<void>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return 'ok';
  } catch (error) {
    return error instanceof Error && error.message ? error.message : 'does not answer';
  } finally {
    clearTimeout(timer);
  }
}
