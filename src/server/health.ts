import type { DataSource } from 'typeorm';
import { schemaState } from '../database/migrate.js';

export interface ReadinessChecks {
  readonly db: DataSource;
  readonly pingQueue: () => Promise<void>;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'database' | 'migrations' | 'queue', string>>;
}

const TIMEOUT_MS = 3_000;

/** Whether requests can be served: each check is `ok` or says what is wrong. */
export async function checkReadiness({ db, pingQueue }: ReadinessChecks): Promise<Readiness> {
  const [database, migrations, queue] = await Promise.all([
    outcome(async () => {
      await db.query('select 1');
    }),
    outcome(async () => {
      const { pending, unknown } = await schemaState(db);
      if (pending.length > 0) throw new Error(`not applied: ${pending.join(', ')}`);
      if (unknown.length > 0) throw new Error(`migrated by a newer version: ${unknown.join(', ')}`);
    }),
    outcome(pingQueue),
  ]);
  const checks = { database, migrations, queue };
  return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
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
