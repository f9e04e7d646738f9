import {
  defaultFieldResolver,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql';
import type { RequestContext } from '../resolvers/request-context.js';

/**
 * Wraps every list of objects of the schema: its items are counted before any of them is put together, whichever
 * executor does it, and others get a turn between large ones. An operation past its limit gets empty lists, so that its
 * execution ends at once; its answer is the error alone.
 */
export function countValues(schema: GraphQLSchema): GraphQLSchema {
  const widths = new WeakMap<FieldNode, number>();
  const widthOf = (info: GraphQLResolveInfo): number => {
    const [node] = info.fieldNodes;
    if (!node) return 1;
    const known = widths.get(node);
    if (known !== undefined) return known;
    const width = countFields(node.selectionSet, getNamedType(info.returnType), info);
    widths.set(node, width);
    return width;
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type)) || !isCompositeType(getNamedType(field.type))) continue;
      const resolve = field.resolve ?? defaultFieldResolver;
      field.resolve = (source, args, context: RequestContext, info) => {
        if (context.budget.aborted) return [];
        const list: unknown = resolve(source, args, context, info);
        return isPromise(list) ? list.then((items) => counted(items, context, info)) : counted(list, context, info);
      };
    }
  }
  return schema;

  function counted(list: unknown, { budget }: RequestContext, info: GraphQLResolveInfo): unknown {
    if (!Array.isArray(list)) return list;
    if (!budget.count(list.length * widthOf(info))) return [];
    return budget.endTurn()?.then(() => (budget.aborted ? [] : list)) ?? list;
  }
}

/** Values of one item: its fields and those of objects in them; lists below it count their own. */
function countFields(set: SelectionSetNode | undefined, type: GraphQLNamedType, info: GraphQLResolveInfo): number {
  let count = 1;
  for (const selection of set?.selections ?? []) {
    if (selection.kind === 'FragmentSpread') {
      const fragment = info.fragments[selection.name.value];
      count += countFields(fragment?.selectionSet, type, info) - 1;
    } else if (selection.kind === 'InlineFragment') {
      count += countFields(selection.selectionSet, type, info) - 1;
    } else {
      const field = isObjectType(type) ? type.getFields()[selection.name.value] : undefined;
      const isLeaf = !field || !selection.selectionSet || isListType(getNullableType(field.type));
      count += isLeaf ? 1 : countFields(selection.selectionSet, getNamedType(field.type), info);
    }
  }
  return count;
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | null | undefined)?.then === 'function';
}
