import pg from 'pg';

/** Runs prepared statements: each is planned once a connection and known there by its name. */
export interface Reads {
  /** `name` stands for exactly this `text`, process-wide. */
  query<Row extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[]): Promise<Row[]>;
  end(): Promise<void>;
}

/** A pool for hot reads, where TypeORM costs more than the query itself; TypeORM's own pool serves the writes. */
export function createReads(url: string, onError: (error: Error) => void, max = 10): Reads {
  const pool = new pg.Pool({ connectionString: url, max, application_name: 'arcadia-cloud reads', keepAlive: true });
  pool.on('error', onError);
  return {
    async query<Row extends pg.QueryResultRow>(name: string, text: string, values: readonly unknown[]) {
      return (await pool.query<Row>({ name, text, values: values as unknown[] })).rows;
    },
    end: () => pool.end(),
  };
}
