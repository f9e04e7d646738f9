import { type GraphQLSchema, isInterfaceType } from 'graphql';
import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType('Node', {
  description:
    'A row that `Query.node` finds by its id alone. Ids are unique across all types that implement Node; other types are read through the field that has them.',
})
export abstract class NodeType {
  @Field(() => ID, { description: 'Never changes, and is never used for another row.' }) id: string;
}

/** A row of `Query.node`, which names its type. */
export interface NodeRow {
  readonly __typename: string;
}

/** type-graphql's own way to resolve a type is asynchronous, which graphql-jit does not wait for. */
export function resolveNodeTypes(schema: GraphQLSchema): GraphQLSchema {
  const node = schema.getType('Node');
  if (isInterfaceType(node)) node.resolveType = (row: NodeRow) => row.__typename;
  return schema;
}
