import { createDataSource } from '../database/data-source.js';
import { seedCatalog } from '../services/catalog/seed-catalog.js';
import { seedSampleRate } from '../services/reports/fx/seed-sample-rate.js';

export interface SeedOptions {
  /** Also what only the sandbox's account takes: a USD to AUD rate, so that a first margin can be shown. */
  readonly sampleRate?: boolean;
}

/** Brings the catalog into a migrated database; again changes nothing. */
export async function seed(databaseUrl: string, { sampleRate = false }: SeedOptions = {}): Promise<void> {
  const db = await createDataSource({ url: databaseUrl, poolSize: 1 }).initialize();
  try {
    await seedCatalog({ db, clock: () => new Date() });
    if (sampleRate) await seedSampleRate({ db });
  } finally {
    await db.destroy();
  }
}
