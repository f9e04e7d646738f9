import { createDataSource } from '../database/data-source.js';
import { seedCatalog } from '../services/catalog/seed-catalog.js';

/** Brings the catalog into a migrated database; again changes nothing. */
export async function seed(databaseUrl: string): Promise<void> {
  const db = await createDataSource({ url: databaseUrl, poolSize: 1 }).initialize();
  try {
    await seedCatalog({ db, clock: () => new Date() });
  } finally {
    await db.destroy();
  }
}
