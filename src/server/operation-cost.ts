import {
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { basePriceOf, listSizeOf } from '../resolvers/list-size.js';

/** A connection is at least one statement, which is worth so many fields. */
const CONNECTION_PRICE = 10;
/** A list within introspection, at about its mean length in this schema. */
const INTROSPECTION_SIZES: Readonly<Record<string, number>> = {
  types: 220,
  fields: 6,
  args: 1,
  inputFields: 1,
  enumValues: 2,
  interfaces: 1,
  possibleTypes: 1,
  directives: 6,
  locations: 4,
};
/** Every second type within introspection wraps another. */
const OF_TYPE_SHARE = 0.5;

/** What an operation may answer at most: `fields` counts lists at their expected length. */
export interface OperationCost {
  readonly fields: number;
  /** Fields inside each other, introspection left out. */
  readonly depth: number;
}

const NOTHING: OperationCost = { fields: 0, depth: 0 };

/**
 * The price of one operation with its (coerced) variables. Each fragment is priced once, so that the time grows with
 * the document and not with what it unfolds to; the price itself may be as large as a number can be.
 */
export function costOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  variables: Readonly<Record<string, unknown>>,
): OperationCost {
  const pricedFragments = new Map<string, OperationCost>();

  /** `pageSize` is the `first` of the surrounding connection, and the length of its lists. */
  function ofSelections(set: SelectionSetNode, type: GraphQLNamedType, pageSize: number): OperationCost {
    let [fields, depth] = [0, 0];
    for (const selection of set.selections) {
      if (!isIncluded(selection)) continue;
      let cost = NOTHING;
      if (selection.kind === 'Field') cost = ofField(selection, type, pageSize);
      else if (selection.kind === 'FragmentSpread') cost = ofFragment(selection.name.value, pageSize);
      else {
        const condition = selection.typeCondition ? schema.getType(selection.typeCondition.name.value) : type;
        cost = ofSelections(selection.selectionSet, condition ?? type, pageSize);
      }
      fields += cost.fields;
      depth = Math.max(depth, cost.depth);
    }
    return { fields, depth };
  }

  function ofFragment(name: string, pageSize: number): OperationCost {
    const key = `${name} ${pageSize}`;
    const known = pricedFragments.get(key);
    if (known) return known;
    const fragment = fragments.get(name);
    const type = fragment && schema.getType(fragment.typeCondition.name.value);
    const cost = fragment && type ? ofSelections(fragment.selectionSet, type, pageSize) : NOTHING;
    pricedFragments.set(key, cost);
    return cost;
  }

  function ofField(node: FieldNode, parent: GraphQLNamedType, pageSize: number): OperationCost {
    const isIntrospection = node.name.value.startsWith('__') || parent.name.startsWith('__');
    const field = fieldOf(schema, parent, node.name.value);
    if (field === null || !node.selectionSet) {
      const items = field && isListType(getNullableType(field.type)) ? listSize(parent, field, pageSize) : 1;
      return { fields: Math.max(1, items), depth: isIntrospection ? 0 : 1 };
    }
    const first = field.args.find((arg) => arg.name === 'first');
    const asked = first ? sizeOf(node, first.defaultValue) : 0;
    const inner = ofSelections(node.selectionSet, getNamedType(field.type), asked);
    const items = isListType(getNullableType(field.type)) ? listSize(parent, field, pageSize) : 1;
    const share = isIntrospection && node.name.value === 'ofType' ? OF_TYPE_SHARE : 1;
    const own = 1 + basePriceOf(field) + (first ? CONNECTION_PRICE : 0);
    return { fields: own + items * share * inner.fields, depth: isIntrospection ? 0 : 1 + inner.depth };
  }

  function sizeOf(node: FieldNode, defaultSize: unknown): number {
    const value = node.arguments?.find((arg) => arg.name.value === 'first')?.value;
    let size: unknown;
    if (value?.kind === 'IntValue') size = Number(value.value);
    else if (value?.kind === 'Variable') size = variables[value.name.value];
    // What is selected of an empty page is priced too: it is looked at before the page is known to be empty.
    return Math.max(1, typeof size === 'number' ? size : Number(defaultSize ?? 0));
  }

  function isIncluded(selection: SelectionSetNode['selections'][number]): boolean {
    if (!selection.directives?.length) return true;
    if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true) return false;
    return getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] !== false;
  }

  const root = schema.getRootType(operation.operation);
  return root ? ofSelections(operation.selectionSet, root, 0) : NOTHING;
}

/** Selections of an operation once its fragments stand in their places, those that are skipped too. */
export function countSelections(
  { selectionSet }: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): number {
  const known = new Map<string, number>();
  const countIn = (set: SelectionSetNode | undefined): number => {
    let count = 0;
    for (const selection of set?.selections ?? []) {
      count +=
        1 +
        (selection.kind === 'FragmentSpread' ? countFragment(selection.name.value) : countIn(selection.selectionSet));
    }
    return count;
  };
  const countFragment = (name: string): number => {
    const count = known.get(name) ?? countIn(fragments.get(name)?.selectionSet);
    known.set(name, count);
    return count;
  };
  return countIn(selectionSet);
}

type Field = ReturnType<GraphQLObjectType['getFields']>[string];

function fieldOf(schema: GraphQLSchema, parent: GraphQLNamedType, name: string): Field | null {
  if (parent === schema.getQueryType()) {
    if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
    if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
  }
  if (!isCompositeType(parent) || !('getFields' in parent)) return null;
  return parent.getFields()[name] ?? null;
}

/** Throws for a list without a size: `pricelessLists` keeps such a schema from being served. */
function listSize(parent: GraphQLNamedType, field: Field, pageSize: number): number {
  const size = isConnectionList(parent, field.name)
    ? pageSize
    : (listSizeOf(field) ?? (parent.name.startsWith('__') ? INTROSPECTION_SIZES[field.name] : undefined));
  if (size === undefined) throw new Error(`${parent.name}.${field.name} is a list without a size`);
  return size;
}

function isConnectionList(parent: GraphQLNamedType, name: string): boolean {
  return parent.name.endsWith('Connection') && (name === 'nodes' || name === 'edges');
}

/**
 * The list fields of a schema that have no price, as `Type.field`: neither `@ListSize` nor a connection's list, and the
 * connections that can be selected without a page size.
 */
export function pricelessLists(schema: GraphQLSchema): string[] {
  const found: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const name = `${type.name}.${field.name}`;
      if (getNamedType(field.type).name.endsWith('Connection') && !field.args.some((arg) => arg.name === 'first')) {
        found.push(name);
      }
      if (!isListType(getNullableType(field.type)) || isConnectionList(type, field.name)) continue;
      const size = type.name.startsWith('__') ? (INTROSPECTION_SIZES[field.name] ?? null) : listSizeOf(field);
      if (size === null) found.push(name);
    }
  }
  return found;
}
