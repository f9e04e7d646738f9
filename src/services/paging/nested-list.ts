import { z } from 'zod';
import { groupBy } from '../../core/lists/group-by.js';
import type { Queries } from '../../database/queries.js';
import { rowShape, rowWith } from '../../database/row-shape.js';
import { allOf, rawSql, type Sql, sql } from '../../database/sql.js';
import { type Page, type PageRequest, pageLimit } from './keyset.js';
import { type SortedListDefinition, sortedPages } from './sorted-list.js';

export interface NestedListDefinition<Row> extends SortedListDefinition<Row> {
  /** The column with the parent's id, a uuid, as `event.deployment_id`. */
  readonly parent: string;
}

/** The same list of several parents, as the events of each deployment on a page: one statement reads all of them. */
export interface NestedList<Row> {
  /** The page of each parent that has rows on it. Throws BAD_USER_INPUT for a wrong `first` or `after`. */
  pages(parentIds: readonly string[], request: PageRequest): Promise<readonly NestedPage<Row>[]>;
  /** How many rows each parent has; a parent without rows is left out. */
  counts(parentIds: readonly string[]): Promise<readonly NestedCount[]>;
}

export interface NestedPage<Row> {
  readonly parentId: string;
  readonly page: Page<Row>;
}

export interface NestedCount {
  readonly parentId: string;
  readonly count: number;
}

const CountRow = rowShape({ parentId: z.string(), count: z.int() });

/** Define it once a module and apply it to conditions for each request, as `sortedList`. */
export function nestedList<Row>(
  definition: NestedListDefinition<Row>,
): (queries: Queries, conditions: readonly Sql[]) => NestedList<Row> {
  const { name, select, from } = definition;
  const list = sortedPages(definition);
  const row = rowWith(list.row, { parentId: z.string() });
  const parent = rawSql(definition.parent);
  const [pageName, countName] = [rawSql(`/* ${name} */`), rawSql(`/* ${name}-counts */`)];

  return (queries, conditions) => ({
    async pages(parentIds, request) {
      const limit = pageLimit(request);
      const where = allOf([sql`${parent} = parent.id`, ...conditions, ...list.isBehind(request)]);
      const rows = await queries.many(
        row,
        sql`${pageName} select list.* from unnest(${parentIds}::uuid[]) as parent(id) cross join lateral (
          select parent.id as "parentId", ${list.sortKey}${select} from ${from} where ${where}
          order by ${list.order} limit ${limit}) list`,
      );
      return [...groupBy(rows, (one) => one.parentId)].map(([parentId, own]) => {
        return { parentId, page: list.toPage(request, own) };
      });
    },
    async counts(parentIds) {
      const where = allOf([sql`${parent} = any(${parentIds}::uuid[])`, ...conditions]);
      return queries.many(
        CountRow,
        sql`${countName} select ${parent} as "parentId", count(*)::int as count from ${from} where ${where} group by ${parent}`,
      );
    },
  });
}
