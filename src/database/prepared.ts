import type pg from 'pg';
import type { DataSource } from 'typeorm';
import { checksRows, createQueries, type Queries } from './queries.js';
import { createStatementNames } from './statement-names.js';

type WritePool = Pick<DataSource, 'driver' | 'options'>;

/** The statement names of a pool, computed once for each text. */
const queriesByPool = new WeakMap<WritePool, Queries>();

/**
 * Prepared statements on the pool that serves the writes, each a transaction of its own: for statements that cost more to
 * plan than to run. Within a transaction use `query(db)`.
 */
export function preparedQueries(db: WritePool): Queries {
  let queries = queriesByPool.get(db);
  if (!queries) {
    queries = createPreparedQueries(db);
    queriesByPool.set(db, queries);
  }
  return queries;
}

function createPreparedQueries(db: WritePool): Queries {
  const { master } = db.driver as unknown as { readonly master: pg.Pool };
  const nameOf = createStatementNames();
  return createQueries(async ({ text, values }) => {
    const name = nameOf(text);
    const { rows, rowCount } = await master.query(name === null ? { text, values } : { name, text, values });
    return { rows, affected: rowCount ?? 0 };
  }, checksRows(db));
}
