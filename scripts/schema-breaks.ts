import { CriticalityLevel, DiffRule, diff } from '@graphql-inspector/core';
import type { GraphQLSchema } from 'graphql';

/** What would break a client of the released schema. A field that the release deprecated may go. */
export async function findBreaks(released: GraphQLSchema, schema: GraphQLSchema): Promise<string[]> {
  const changes = await diff(released, schema, [DiffRule.suppressRemovalOfDeprecatedField]);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => message);
}
