import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type OperationTypeNode,
} from 'graphql';

/** One place of the schema's inputs that takes a value. */
export interface Target {
  /** As `createPlan(input.name)`; it names the target in reports. */
  readonly name: string;
  readonly operation: OperationTypeNode;
  /** The document, with one variable for each argument of each field on the way. */
  readonly document: string;
  /** The same, with nullable variables where an argument has a default: a null gets past them. */
  readonly lenientDocument: string;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Where in `variables` the bad value goes. */
  readonly path: readonly (string | number)[];
}

export type SampleOf = (type: string, name: string, field: string) => unknown;

interface Step {
  readonly parent: GraphQLObjectType;
  readonly field: string;
}

/** Every argument and every nested input field and list item of the schema, wherever a query can reach it. */
export function targetsOf(schema: GraphQLSchema, sampleOf: SampleOf): Target[] {
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as [OperationTypeNode, GraphQLObjectType | null][];
  return roots.flatMap(([operation, root]) => {
    if (!root) return [];
    const ways = operation === 'query' ? waysTo(root) : new Map([[root, [] as Step[]]]);
    return [...ways].flatMap(([type, way]) =>
      Object.values(type.getFields()).flatMap((field) =>
        field.args.flatMap((arg) =>
          pathsOf(arg.type, arg.name).map((path) =>
            targetOf(operation, [...way, { parent: type, field: field.name }], path, sampleOf),
          ),
        ),
      ),
    );
  });
}

/** The shortest way from the root to each object type. */
function waysTo(root: GraphQLObjectType): Map<GraphQLObjectType, Step[]> {
  const ways = new Map<GraphQLObjectType, Step[]>([[root, []]]);
  for (const [parent, way] of ways) {
    for (const field of Object.values(parent.getFields())) {
      const type = getNamedType(field.type);
      if (isObjectType(type) && !ways.has(type)) ways.set(type, [...way, { parent, field: field.name }]);
    }
  }
  return ways;
}

type Path = readonly (string | number)[];

function pathsOf(type: GraphQLInputType, name: string | number): Path[] {
  const inner = getNullableType(type);
  if (isListType(inner)) return [[name], ...pathsOf(inner.ofType, 0).map((path) => [name, ...path])];
  if (!isInputObjectType(inner)) return [[name]];
  const below = Object.values(inner.getFields()).flatMap((field) => pathsOf(field.type, field.name));
  return [[name], ...below.map((path) => [name, ...path])];
}

function targetOf(operation: OperationTypeNode, way: readonly Step[], path: Path, sampleOf: SampleOf): Target {
  const variables: Record<string, unknown> = {};
  const strict: string[] = [];
  const lenient: string[] = [];
  const opened = way.map(({ parent, field: name }, depth) => {
    const field = parent.getFields()[name] as ReturnType<GraphQLObjectType['getFields']>[string];
    const isLast = depth === way.length - 1;
    const args = field.args.flatMap((arg) => {
      const isTarget = isLast && arg.name === path[0];
      if (!isTarget && !isRequired(arg)) return [];
      const variable = `v${depth}_${arg.name}`;
      variables[variable] = isTarget
        ? valueAlong(arg.type, path.slice(1), name, arg.name, sampleOf)
        : sample(arg.type, arg.name, name, sampleOf);
      strict.push(`$${variable}: ${arg.type}`);
      lenient.push(`$${variable}: ${arg.defaultValue === undefined ? arg.type : getNullableType(arg.type)}`);
      return [`${arg.name}: $${variable}`];
    });
    return `${name}${args.length > 0 ? `(${args.join(', ')})` : ''}`;
  });
  const last = way.at(-1) as Step;
  const type = (last.parent.getFields()[last.field] as { type: GraphQLOutputType }).type;
  const body = opened.reduceRight((inner, field) => `{ ${field} ${inner} }`, selectionOf(type));
  const head = (declared: string[]) => `${operation}${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
  return {
    name: `${way.map(({ field }) => field).join('.')}(${path.join('.')})`,
    operation,
    document: `${head(strict)} ${body}`,
    lenientDocument: `${head(lenient)} ${body}`,
    variables,
    path: [`v${way.length - 1}_${path[0]}`, ...path.slice(1)],
  };
}

/** The leaves of a type, and of the rows of a connection. */
function selectionOf(type: GraphQLOutputType, depth = 0): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).filter((field) => !field.args.some(isRequired));
  const leaves = fields.filter((field) => isLeafType(getNamedType(field.type))).map((field) => field.name);
  const below = fields.filter((field) => field.name === 'nodes' || (depth === 0 && /Payload$/.test(named.name)));
  const nested = below
    .filter((field) => isObjectType(getNamedType(field.type)))
    .map((field) => `${field.name} ${selectionOf(field.type, depth + 1)}`);
  return `{ ${['__typename', ...leaves, ...nested].join(' ')} }`;
}

const isRequired = (input: GraphQLArgument | GraphQLInputField): boolean =>
  isNonNullType(input.type) && input.defaultValue === undefined;

/** A good value for everything but the end of the path. */
function valueAlong(type: GraphQLInputType, path: Path, field: string, name: string, sampleOf: SampleOf): unknown {
  const inner = getNullableType(type);
  const [first, ...rest] = path;
  if (first === undefined) return sample(type, name, field, sampleOf);
  if (isListType(inner)) return [valueAlong(inner.ofType, rest, field, name, sampleOf)];
  if (!isInputObjectType(inner)) throw new Error(`${name} has nothing at ${String(first)}`);
  const target = inner.getFields()[first] as GraphQLInputField;
  return {
    ...(sample(inner, name, field, sampleOf) as object),
    [first]: valueAlong(target.type, rest, field, target.name, sampleOf),
  };
}

function sample(type: GraphQLInputType, name: string, field: string, sampleOf: SampleOf): unknown {
  const inner = getNullableType(type);
  if (isListType(inner)) return [sample(inner.ofType, name, field, sampleOf)];
  if (isEnumType(inner)) return inner.getValues()[0]?.name;
  if (!isInputObjectType(inner)) return sampleOf(inner.name, name, field);
  const required = Object.values(inner.getFields()).filter(isRequired);
  return Object.fromEntries(required.map((each) => [each.name, sample(each.type, each.name, field, sampleOf)]));
}
