import { z } from 'zod';
import type { Queries } from '../../database/queries.js';
import { type RowShape, rowShape, rowWith } from '../../database/row-shape.js';
import { allOf, joinSql, rawSql, type Sql, sql } from '../../database/sql.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  isDay,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from './keyset.js';

/** One column of a list's order. Its value never changes while the row lives, so that paging neither repeats nor skips. */
export interface SortKey {
  /** As `resource.first_seen_at`. */
  readonly column: string;
  readonly type: keyof typeof KEY_TYPES;
}

/** How a key is read into a cursor, compared and validated. */
const KEY_TYPES = {
  uuid: { read: (column: string) => `${column}::text`, compare: (value: Sql) => sql`${value}::uuid`, isValid: isUuid },
  bigint: {
    read: (column: string) => `${column}::text`,
    compare: (value: Sql) => sql`${value}::bigint`,
    isValid: isBigint,
  },
  date: { read: (column: string) => `${column}::text`, compare: (value: Sql) => sql`${value}::date`, isValid: isDay },
  text: { read: (column: string) => column, compare: (value: Sql) => sql`${value}::text`, isValid: () => true },
  /** Microseconds since 1970: Postgres keeps more of an instant than a JavaScript Date does. */
  instant: {
    read: (column: string) => `(extract(epoch from ${column}) * 1000000)::bigint::text`,
    compare: (value: Sql) => sql`timestamptz 'epoch' + ${value}::bigint * interval '1 microsecond'`,
    isValid: (part: string) => /^-?\d{1,17}$/.test(part),
  },
} as const;

export interface SortedListDefinition<Row> {
  /** Names the statements: `/* list-drifts *\/` and `/* list-drifts-count *\/`. */
  readonly name: string;
  readonly row: RowShape<Row>;
  /** The select list. */
  readonly select: Sql;
  /** As `cloud_drift drift`. */
  readonly from: Sql;
  /** The last key is unique. */
  readonly keys: readonly SortKey[];
  readonly direction: 'asc' | 'desc';
  /** False: no cursor is selected, so that no sort key is read. */
  readonly withCursors?: boolean;
}

/** Rows of a list for which some conditions hold, to be read a page at a time. */
export interface PagedList<Row> {
  /** Throws BAD_USER_INPUT for a wrong `first` or `after`. */
  page(request: PageRequest): Promise<Page<Row>>;
  /** How many rows all pages hold. */
  count(): Promise<number>;
}

const CountRow = rowShape({ count: z.int() });

/** How a definition's pages are read, for whichever statement reads them. */
export interface SortedPages<Row> {
  readonly row: RowShape<KeyedRow<Row>>;
  /** The sort key of the select list, with a comma behind it; empty without cursors. */
  readonly sortKey: Sql;
  readonly order: Sql;
  /** The condition that a row is behind the cursor; none without a cursor. Throws BAD_USER_INPUT. */
  isBehind(request: PageRequest): Sql[];
  toPage(request: PageRequest, rows: readonly KeyedRow<Row>[]): Page<Row>;
}

type KeyedRow<Row> = Row & { sortKey?: string[] | undefined };

export function sortedPages<Row>(definition: SortedListDefinition<Row>): SortedPages<Row> {
  const { name, row, keys, direction, withCursors = true } = definition;
  const types = keys.map((key) => KEY_TYPES[key.type]);
  const readKey = `json_build_array(${keys.map((key, i) => types[i]?.read(key.column)).join(', ')}) as "sortKey", `;
  const columns = rawSql(`(${keys.map((key) => key.column).join(', ')})`);
  const comparison = rawSql(direction === 'asc' ? '>' : '<');
  return {
    row: rowWith(row, { sortKey: z.array(z.string()).optional() }),
    sortKey: rawSql(withCursors ? readKey : ''),
    order: rawSql(keys.map((key) => `${key.column} ${direction}`).join(', ')),
    isBehind(request) {
      const after = decodeCursor(
        request.after,
        types.map((type) => type.isValid),
      );
      if (!after) return [];
      const values = after.map((value, i) => types[i]?.compare(sql`${value}`) ?? sql`${value}`);
      return [sql`${columns} ${comparison} (${joinSql(values, ', ')})`];
    },
    toPage: (request, rows) =>
      toPage<KeyedRow<Row>>(request, rows, (keyed) => {
        if (!keyed.sortKey) throw new Error(`${name} was read without cursors`);
        return encodeCursor(keyed.sortKey);
      }),
  };
}

/**
 * A list that is paged by the key of the row before, so that the last page costs as much as the first. Define it once a
 * module and apply it to conditions for each request.
 */
export function sortedList<Row>(
  definition: SortedListDefinition<Row>,
): (queries: Queries, conditions: readonly Sql[]) => PagedList<Row> {
  const { name, select, from } = definition;
  const list = sortedPages(definition);
  const [pageName, countName] = [rawSql(`/* ${name} */`), rawSql(`/* ${name}-count */`)];

  return (queries, conditions) => ({
    async page(request) {
      const limit = pageLimit(request);
      const where = allOf([...conditions, ...list.isBehind(request)]);
      const rows = await queries.many(
        list.row,
        sql`${pageName} select ${list.sortKey}${select} from ${from} where ${where} order by ${list.order} limit ${limit}`,
      );
      return list.toPage(request, rows);
    },
    async count() {
      const { count } = await queries.one(
        CountRow,
        sql`${countName} select count(*)::int as count from ${from} where ${allOf(conditions)}`,
      );
      return count;
    },
  });
}
