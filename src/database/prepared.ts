import type pg from 'pg';
import type { DataSource } from 'typeorm';

/** One statement that is sent often; its text never changes. */
export interface Prepared {
  readonly name: string;
  readonly text: string;
}

/**
 * Runs one statement as a transaction of its own, planned once a connection, on the pool that serves the writes: for
 * statements that cost more to plan than to run. Answers the rows that it returns.
 */
export async function runPrepared<Row extends pg.QueryResultRow>(
  db: Pick<DataSource, 'driver'>,
  statement: Prepared,
  values: readonly unknown[],
): Promise<Row[]> {
  const { master } = db.driver as unknown as { readonly master: pg.Pool };
  return (await master.query<Row>({ ...statement, values: values as unknown[] })).rows;
}
