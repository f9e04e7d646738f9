import type pg from 'pg';
import type { EntityManager } from 'typeorm';
import { parsedTypes, printedTypes } from './parsers.js';
import { createPipelines } from './pipelines.js';
import { createPool } from './pool.js';
import { createQueries, type Queries, query, type StatementResult } from './queries.js';
import { createStatementNames } from './statement-names.js';
import type { ConnectionLimits } from './watched-client.js';

/** Runs prepared statements, each planned once a connection, outside any transaction. */
export interface Reads extends Queries {
  /** As these, but instants are texts in the form of the API, for rows that are only passed on. */
  readonly printed: Queries;
  /** For what is short: others may wait behind it on the same connection. */
  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** As `query`, for rows that are only passed on: their instants are texts, as the API shows them. */
  shown<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]>;
  /** For what may take long: each on a connection that is its own until it is done. */
  readonly reports: Queries & Pick<Reads, 'query'>;
  /** The same connections for one caller, each of whose statements `run` sends when it may. */
  within(run: RunStatement): Reads;
  end(): Promise<void>;
}

export type RunStatement = <T>(send: () => Promise<T>) => Promise<T>;

/** Connections for reads, where TypeORM costs more than the query itself; TypeORM's own pool serves the writes. */
export function createReads(
  url: string,
  onError: (error: Error) => void,
  { limits, checkRows = false }: { readonly limits?: ConnectionLimits; readonly checkRows?: boolean } = {},
): Reads {
  const config = { connectionString: url, application_name: 'arcadia-cloud reads', types: parsedTypes };
  const pipelines = createPipelines({ ...config, max: 4 }, onError, limits);
  const reports = createPool({ ...config, application_name: 'arcadia-cloud reports', max: 4 }, onError, limits);
  const nameOf = createStatementNames();
  const named = (text: string, values: readonly unknown[]): pg.QueryConfig => {
    const name = nameOf(text);
    const statement = { text, values: values as unknown[] };
    return name === null ? statement : { name, ...statement };
  };
  const resultOf = ({ rows, rowCount }: pg.QueryResult): StatementResult => ({ rows, affected: rowCount ?? 0 });
  const printed = (text: string, values: readonly unknown[]) => ({ ...named(text, values), types: printedTypes });

  function readsOf(run: RunStatement): Reads {
    const short = (query: pg.QueryConfig) => run(() => pipelines.query(query));
    const long = (text: string, values: readonly unknown[]) => run(() => reports.query(text, values as unknown[]));
    return {
      ...createQueries(async ({ text, values }) => resultOf(await short(named(text, values))), checkRows),
      printed: createQueries(async ({ text, values }) => resultOf(await short(printed(text, values))), checkRows),
      query: async <Row>(text: string, values: readonly unknown[]) => (await short(named(text, values))).rows as Row[],
      shown: async <Row>(text: string, values: readonly unknown[]) =>
        (await short(printed(text, values))).rows as Row[],
      reports: {
        ...createQueries(async ({ text, values }) => resultOf(await long(text, values)), checkRows),
        query: async <Row>(text: string, values: readonly unknown[]) => (await long(text, values)).rows as Row[],
      },
      within: readsOf,
      async end() {
        await Promise.all([pipelines.end(), reports.end()]);
      },
    };
  }
  return readsOf((send) => send());
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
export function readsWithin(db: EntityManager): Queries & Pick<Reads, 'query'> {
  return { ...query(db), query: (text, values) => db.query(text, [...values]) };
}
