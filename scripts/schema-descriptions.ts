import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';

export interface Described {
  /** As `Query.resources(first:)`, `Resource.status` or `Resource`. */
  readonly name: string;
  readonly kind: 'type' | 'field' | 'argument' | 'enum value';
  readonly description: string | null;
}

/** Arguments that their field explains: the object it is about, and the input type that describes itself. */
const SELF_EXPLANATORY = /\((?:id|input|idempotencyKey):\)$/;
/** What src/resolvers/input-lengths.ts adds to each text: a limit alone describes nothing. */
const LENGTH_LIMIT = /^At most [\d,]+ characters(?: each)?\.$/;

/** The types of a schema that have no description, and the arguments whose name alone does not say what they do. */
export function missingDescriptions(schema: GraphQLSchema): Described[] {
  return describedIn(schema).filter(({ name, kind, description }) => {
    if (description && !(kind === 'argument' && LENGTH_LIMIT.test(description))) return false;
    return kind === 'type' || (kind === 'argument' && !SELF_EXPLANATORY.test(name));
  });
}

/** Everything in the schema that can have a description, the introspection types and built-in scalars apart. */
export function describedIn(schema: GraphQLSchema): Described[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
  );
  return types.flatMap((type): Described[] => {
    const own: Described = { name: type.name, kind: 'type', description: type.description ?? null };
    if (isEnumType(type)) {
      const values = type.getValues().map(({ name, description }): Described => {
        return { name: `${type.name}.${name}`, kind: 'enum value', description: description ?? null };
      });
      return [own, ...values];
    }
    if (!isObjectType(type) && !isInputObjectType(type) && !isInterfaceType(type)) return [own];
    const fields = Object.values(type.getFields()).flatMap((field): Described[] => {
      const name = `${type.name}.${field.name}`;
      const args = 'args' in field ? field.args : [];
      return [
        { name, kind: 'field', description: field.description ?? null },
        ...args.map((arg: { readonly name: string; readonly description?: string | null | undefined }): Described => {
          return { name: `${name}(${arg.name}:)`, kind: 'argument', description: arg.description ?? null };
        }),
      ];
    });
    return [own, ...fields];
  });
}
