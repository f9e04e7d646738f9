import { DataSource, type EntityManager } from 'typeorm';
import { checkRows } from './check-rows.js';
import type { RowShape } from './row-shape.js';
import type { Sql } from './sql.js';

/**
 * The one way to run a statement. Every statement starts with its name in a comment, by which `pg_stat_statements`, logs
 * and traces show who sent it.
 */
export interface Queries {
  /** Exactly one row. Throws RowCountError for none or several. */
  one<Row>(shape: RowShape<Row>, statement: Sql): Promise<Row>;
  /** One row or null. Throws RowCountError for several. */
  maybeOne<Row>(shape: RowShape<Row>, statement: Sql): Promise<Row | null>;
  many<Row>(shape: RowShape<Row>, statement: Sql): Promise<Row[]>;
  /** How many rows the statement wrote. */
  execute(statement: Sql): Promise<number>;
}

/** A statement as a connection takes it. */
export interface CompiledStatement {
  readonly text: string;
  readonly values: unknown[];
}

export interface StatementResult {
  readonly rows: readonly unknown[];
  /** Rows that the statement wrote or answered. */
  readonly affected: number;
}

export type SendStatement = (statement: CompiledStatement) => Promise<StatementResult>;

/** A statement that must answer one row answered another number. */
export class RowCountError extends Error {
  override readonly name = 'RowCountError';
}

/**
 * Runs statements through `send`. `isChecked` compares every row with its shape, which costs more than a hot read does:
 * tests switch it on.
 */
export function createQueries(send: SendStatement, isChecked: boolean): Queries {
  async function many<Row>(shape: RowShape<Row>, statement: Sql): Promise<Row[]> {
    const compiled = statement.compile();
    const { rows } = await send(compiled);
    if (isChecked) checkRows(compiled.text, rows, shape);
    // The shape's word for it: tests compare every statement's rows with it.
    return rows as Row[];
  }
  async function maybeOne<Row>(shape: RowShape<Row>, statement: Sql): Promise<Row | null> {
    const rows = await many(shape, statement);
    if (rows.length > 1) throw new RowCountError(`expected at most one row, got ${rows.length}`);
    return rows[0] ?? null;
  }
  return {
    many,
    maybeOne,
    async one(shape, statement) {
      const row = await maybeOne(shape, statement);
      if (row === null) throw new RowCountError('expected one row, got none');
      return row;
    },
    async execute(statement) {
      return (await send(statement.compile())).affected;
    },
  };
}

/**
 * Statements within the transaction of `db`, or each as a transaction of its own if there is none. They see what the
 * transaction wrote and run under its locks.
 */
export function query(db: EntityManager | DataSource): Queries {
  const manager = db instanceof DataSource ? db.manager : db;
  return createQueries((statement) => send(manager, statement), checksRows(manager.connection));
}

/** Whether `createDataSource` was told to compare every row with its shape. */
export function checksRows({ options }: Pick<DataSource, 'options'>): boolean {
  return options.type === 'postgres' && options.extra?.checkRows === true;
}

async function send(manager: EntityManager, { text, values }: CompiledStatement): Promise<StatementResult> {
  const runner = manager.queryRunner ?? manager.connection.createQueryRunner();
  try {
    const { records, affected } = await runner.query(text, values, true);
    return { rows: records, affected: affected ?? 0 };
  } finally {
    if (runner !== manager.queryRunner) await runner.release();
  }
}
