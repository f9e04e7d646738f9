import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';

const FILTER = 'Only rows that fit every field of the filter. A field that is null or left out is no condition.';

/** Describes what every schema of ours has in the same way: the root types, the payloads of mutations, the filters of lists. */
export function describeTypes(schema: GraphQLSchema): GraphQLSchema {
  const [query, mutation, subscription] = [
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ];
  if (query) query.description ??= 'Reads. They change nothing and run at the same time.';
  if (mutation) mutation.description ??= 'Changes. Several in one operation run one after the other.';
  if (subscription) subscription.description ??= 'Live streams, over WebSocket (graphql-transport-ws).';
  describePayloads(schema);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const filter = field.args.find(({ name }) => name === 'filter');
      if (filter) filter.description ??= FILTER;
    }
  }
  return schema;
}

function describePayloads(schema: GraphQLSchema): void {
  const mutationsByPayload = new Map<string, string[]>();
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const payload = getNamedType(field.type).name;
    mutationsByPayload.set(payload, [...(mutationsByPayload.get(payload) ?? []), `\`${field.name}\``]);
  }
  for (const [name, mutations] of mutationsByPayload) {
    const payload = schema.getType(name);
    if (payload && name.endsWith('Payload')) payload.description ??= `The result of ${mutations.sort().join(', ')}.`;
  }
}
