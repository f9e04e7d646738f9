import type { GraphQLResolveInfo, SelectionNode } from 'graphql';
import { type ClassType, Field, Int, ObjectType } from 'type-graphql';
import type { Page, PageRequest } from '../services/paging/keyset.js';
import type { PagedList } from '../services/paging/sorted-list.js';
import { CursorScalar } from './scalars.js';

@ObjectType('PageInfo', { simpleResolvers: true, description: 'Where a page stands in its list.' })
export class PageInfoType {
  @Field(() => Boolean, { description: 'Whether rows follow this page.' }) hasNextPage: boolean;
  @Field(() => Boolean, { description: 'Whether rows precede this page.' }) hasPreviousPage: boolean;
  @Field(() => CursorScalar, { nullable: true, description: 'The cursor of the first row; null if the page is empty.' })
  startCursor: string | null;
  @Field(() => CursorScalar, {
    nullable: true,
    description: 'The cursor of the last row: `after` of the next page. Null if the page is empty.',
  })
  endCursor: string | null;
}

export interface Connection<Row> {
  readonly edges: readonly { readonly cursor: string; readonly node: Row }[];
  readonly nodes: readonly Row[];
  readonly pageInfo: PageInfoType;
  readonly totalCount: number;
}

/** The connection and edge types of a node: `connectionOf(ResourceType, 'Resource')` is `ResourceConnection`. */
export function connectionOf<Row>(node: () => ClassType, name: string): ClassType<Connection<Row>> {
  @ObjectType(`${name}Edge`, {
    simpleResolvers: true,
    description: `One \`${name}\` of a page, with its cursor.`,
  })
  class Edge {
    @Field(() => CursorScalar, { description: 'Stands for this row: `after` continues behind it.' }) cursor: string;
    @Field(node, { description: 'The row itself.' }) node: Row;
  }
  @ObjectType(`${name}Connection`, { simpleResolvers: true, description: `A page of a list of \`${name}\`.` })
  class ConnectionType implements Connection<Row> {
    @Field(() => [Edge], { description: 'The rows of the page, each with its cursor.' }) edges: Edge[];
    @Field(() => [node()], { description: 'The rows of the page without cursors.' }) nodes: Row[];
    @Field(() => PageInfoType, { description: 'Where the page stands in the list.' }) pageInfo: PageInfoType;
    @Field(() => Int, { description: 'Rows of the whole list. Counted only if selected.' }) totalCount: number;
  }
  return ConnectionType;
}

/** A page of the list as a connection; rows are counted only if the query selects `totalCount`. */
export function listConnection<Row>(
  list: PagedList<Row>,
  request: PageRequest,
  info: GraphQLResolveInfo,
): Promise<Connection<Row>> {
  return toConnection(list.page(request), info, list.count);
}

/** A page as a connection; edges and cursors are made only where they are asked for. `count` runs only where asked for. */
export async function toConnection<Row>(
  page: Promise<Page<Row>>,
  info: GraphQLResolveInfo,
  count?: () => Promise<number>,
): Promise<Connection<Row>> {
  const counted = count && isSelected(info, 'totalCount') ? count() : null;
  const [{ rows, hasNextPage, hasPreviousPage, totalCount, cursorOf }, counts] = await Promise.all([page, counted]);
  return {
    nodes: rows,
    get edges() {
      return rows.map((node) => ({ cursor: cursorOf(node), node }));
    },
    get pageInfo() {
      const [first, last] = [rows[0], rows.at(-1)];
      return {
        hasNextPage,
        hasPreviousPage,
        startCursor: first === undefined ? null : cursorOf(first),
        endCursor: last === undefined ? null : cursorOf(last),
      };
    },
    totalCount: counts ?? totalCount ?? 0,
  };
}

/** Whether the query asks for that field directly below the one that is being resolved. */
export function isSelected(info: GraphQLResolveInfo, field: string): boolean {
  return selectedFields(info, []).has(field);
}

/**
 * The names of the fields that the query selects below the present one, at a path of field names; fragments are looked
 * into, `@skip` and `@include` are not, so that it may name more than is needed and never less.
 */
export function selectedFields(info: GraphQLResolveInfo, path: readonly string[]): ReadonlySet<string> {
  let level: readonly SelectionNode[] = info.fieldNodes.flatMap((field) => field.selectionSet?.selections ?? []);
  for (const step of path) {
    level = fieldsOf(level, info)
      .filter((field) => field.name.value === step)
      .flatMap((field) => field.selectionSet?.selections ?? []);
  }
  return new Set(fieldsOf(level, info).map((field) => field.name.value));
}

function fieldsOf(
  selections: readonly SelectionNode[],
  info: GraphQLResolveInfo,
): Extract<SelectionNode, { kind: 'Field' }>[] {
  return selections.flatMap((selection) => {
    if (selection.kind === 'Field') return [selection];
    const below = selection.kind === 'InlineFragment' ? selection : info.fragments[selection.name.value];
    return fieldsOf(below?.selectionSet.selections ?? [], info);
  });
}
