import pg from 'pg';
import type { EntityManager } from 'typeorm';

/** Each distinct text becomes a prepared statement; past so many it is sent as it is, so that connections stay small. */
const MAX_PREPARED = 500;

/** Runs prepared statements, each planned once a connection, outside any transaction. */
export interface Reads {
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

/** A pool for hot reads, where TypeORM costs more than the query itself; TypeORM's own pool serves the writes. */
export function createReads(url: string, onError: (error: Error) => void, max = 10): Reads {
  const pool = new pg.Pool({ connectionString: url, max, application_name: 'arcadia-cloud reads', keepAlive: true });
  pool.on('error', onError);
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined || names.size >= MAX_PREPARED) return known;
    const name = `read_${names.size}`;
    names.set(text, name);
    return name;
  };
  return {
    async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) {
      const name = nameOf(text);
      const query = { text, values: values as unknown[] };
      return (await pool.query<Row>(name === undefined ? query : { name, ...query })).rows;
    },
    end: () => pool.end(),
  };
}

/** Collects the values of a statement while its text is put together; `add` answers the placeholder. */
export class Parameters {
  readonly values: unknown[] = [];
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

/** The same reads within a caller's transaction, seeing what it has written and under the locks that it holds. */
export function readsWithin(db: EntityManager): Pick<Reads, 'query'> {
  return { query: (text, values) => db.query(text, [...values]) };
}
