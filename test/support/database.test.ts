import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase } from './database.js';

describe('a test database', () => {
  it('has the schema of the program and nobody else’s rows, even when many are made at once', async () => {
    const databases = await Promise.all([1, 2, 3, 4].map(() => createTestDatabase()));
    for (const { url } of databases) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query('select name from schema_migrations limit 1');
      await client.query('create table mine ()');
      await client.end();
      expect(rows).toHaveLength(1);
    }
    await Promise.all(databases.map((database) => database.drop()));
  });

  it('is gone once it is dropped, whoever is still connected', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    client.on('error', () => undefined);
    await client.connect();
    await database.drop();
    const late = new pg.Client({ connectionString: database.url });
    await expect(late.connect()).rejects.toThrow('does not exist');
  });
});
