import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import { type Queries, query } from '../../database/queries.js';
import { type RowShape, rowShape } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';
import { MAX_IDLE_IN_TRANSACTION_MS } from '../../database/watched-client.js';

/** Another worker has the lease by now. Who held it stops without a further write. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

/** How the rows of one table are leased to workers. */
export interface LeaseDefinition<Held> {
  /** Kebab-case, as `sync-run`: part of the statements' names. */
  readonly name: string;
  readonly table: string;
  /** When the lease ends; null or past: no worker has it. */
  readonly untilColumn: string;
  /** The worker's process id; null: the table does not store it. */
  readonly ownerColumn: string | null;
  /** What `untilColumn` becomes on release. */
  readonly released: 'null' | 'clock_timestamp()';
  /** True for the row that this worker leased, as long as no other worker has claimed it since. */
  readonly isHeldBy: (held: Held) => Sql;
  /** The row in an error message, as `sync run 7f3c…`. */
  readonly describe: (held: Held) => string;
}

export interface Claim {
  /** Which row, and the conditions under which it may be claimed. Include `isFree`. */
  readonly where: Sql;
  /** Further assignments, as `status = 'running'`. */
  readonly set?: Sql;
  readonly returning: Sql;
  readonly owner: string;
  readonly seconds: number;
}

/** Leases by the database's clock. Each method sends one statement. */
export interface Leases<Held> {
  /** Answers the claimed row; null: the conditions do not hold, or another worker has it. */
  claim<Row>(queries: Queries, shape: RowShape<Row>, claim: Claim): Promise<Row | null>;
  /** Extends the lease. False: another worker has it. */
  renew(queries: Queries, held: Held, seconds: number): Promise<boolean>;
  /** Ends the lease, so that the next worker need not wait. Does nothing if another worker has it. */
  release(queries: Queries, held: Held): Promise<void>;
  /**
   * Locks the row for the rest of the transaction. Throws LeaseLostError if another worker has it. With `idleSeconds`
   * Postgres ends the transaction if this process sends nothing for so long; it never waits for longer than it does for
   * any other transaction.
   */
  lock(db: EntityManager, held: Held, idleSeconds?: number): Promise<void>;
  lostError(held: Held): LeaseLostError;
}

/** When a lease ends that is claimed or renewed now. */
export function leaseEnd(seconds: number): Sql {
  return sql`clock_timestamp() + ${seconds}::float8 * interval '1 second'`;
}

/** No worker has the lease that ends at `untilColumn`. */
export function isFree(untilColumn: string): Sql {
  return rawSql(`(${untilColumn} is null or ${untilColumn} < clock_timestamp())`);
}

function idleMs(seconds: number): string {
  return String(Math.min(seconds * 1_000, MAX_IDLE_IN_TRANSACTION_MS));
}

const LockedRow = rowShape({ idleTimeout: z.string().nullable() });

export function leasesOf<Held>(definition: LeaseDefinition<Held>): Leases<Held> {
  const { name, untilColumn, ownerColumn, isHeldBy, describe } = definition;
  const [table, until, released] = [rawSql(definition.table), rawSql(untilColumn), rawSql(definition.released)];
  const statement = (action: string) => rawSql(`/* ${action}-${name} */`);
  const [claiming, renewing, releasing, locking] = ['claim', 'renew', 'release', 'lock'].map(statement);
  const lostError = (held: Held) => new LeaseLostError(`${describe(held)} went to another runner`);

  return {
    lostError,
    claim(queries, shape, { where, set, returning, owner, seconds }) {
      const ownership = ownerColumn === null ? rawSql('') : sql`, ${rawSql(ownerColumn)} = ${owner}`;
      const more = set ? sql`, ${set}` : rawSql('');
      return queries.maybeOne(
        shape,
        sql`${claiming} update ${table} set ${until} = ${leaseEnd(seconds)}${ownership}${more}
          where ${where} returning ${returning}`,
      );
    },
    async renew(queries, held, seconds) {
      const renewed = await queries.execute(
        sql`${renewing} update ${table} set ${until} = ${leaseEnd(seconds)} where ${isHeldBy(held)}`,
      );
      return renewed > 0;
    },
    async release(queries, held) {
      const disowned = rawSql(ownerColumn === null ? '' : `, ${ownerColumn} = null`);
      await queries.execute(
        sql`${releasing} update ${table} set ${until} = ${released}${disowned} where ${isHeldBy(held)}`,
      );
    },
    async lock(db, held, idleSeconds) {
      const idleTimeout =
        idleSeconds === undefined
          ? sql`null`
          : sql`set_config('idle_in_transaction_session_timeout', ${idleMs(idleSeconds)}, true)`;
      const locked = await query(db).maybeOne(
        LockedRow,
        sql`${locking} select ${idleTimeout} as "idleTimeout" from ${table} where ${isHeldBy(held)} for no key update`,
      );
      if (locked === null) throw lostError(held);
    },
  };
}
