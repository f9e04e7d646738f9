import { runMigrations as migrateQueue } from 'bullmq';
import type { DataSource } from 'typeorm';
import { createDataSource } from './data-source.js';
import { type ConnectionLimits, DEFAULT_LIMITS, watchedClient } from './watched-client.js';

/** The schema that holds BullMQ's tables where the queue runs on Postgres. */
export const QUEUE_SCHEMA = 'bullmq';
/** Any number of processes may start at once; one migrates, the others wait for it. */
const MIGRATION_LOCK = 4_005_001;

/** Brings our schema and the queue's up to date. Refuses a database that a newer program has migrated. */
export async function migrate(
  url: string,
  log: (line: string) => void = () => {},
  given: ConnectionLimits = DEFAULT_LIMITS,
): Promise<void> {
  // An index of a big table takes as long as it takes.
  const limits = { ...given, statementTimeoutMs: 0 };
  const lock = new (watchedClient(limits))({ connectionString: url, application_name: 'arcadia-cloud migrate' });
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const db = await createDataSource({ url, poolSize: 2, limits }).initialize();
    try {
      await rejectNewerSchema(db);
      for (const migration of await db.runMigrations()) log(`migrated: ${migration.name}`);
    } finally {
      await db.destroy();
    }
    await migrateQueue(lock, QUEUE_SCHEMA);
  } finally {
    await lock.end();
  }
}

/** What is applied that this program does not know, and what it knows that is not applied. */
export async function schemaState(db: DataSource): Promise<{ unknown: string[]; pending: string[] }> {
  const known = new Set(db.migrations.map((migration) => migration.name ?? migration.constructor.name));
  const [table]: { name: string | null }[] = await db.query(`select to_regclass('schema_migrations')::text as name`);
  const applied: { name: string }[] = table?.name ? await db.query('select name from schema_migrations') : [];
  const names = new Set(applied.map((row) => row.name));
  return {
    unknown: [...names].filter((name) => !known.has(name)),
    pending: [...known].filter((name) => !names.has(name)),
  };
}

async function rejectNewerSchema(db: DataSource): Promise<void> {
  const { unknown } = await schemaState(db);
  if (unknown.length > 0) {
    throw new Error(
      `The database was migrated by a newer arcadia-cloud (${unknown.join(', ')}); run that version or a later one.`,
    );
  }
}
