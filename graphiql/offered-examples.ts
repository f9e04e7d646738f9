import { parse } from 'graphql';
import type { Example } from './examples.js';

/** The examples whose root fields the server has: `query.viewer` and the like; null where it did not say: all of them. */
export function offeredExamples(examples: readonly Example[], rootFields: ReadonlySet<string> | null): Example[] {
  return examples.filter(
    ({ query }) => rootFields === null || rootFieldsOf(query).every((name) => rootFields.has(name)),
  );
}

export function rootFieldsOf(document: string): string[] {
  return parse(document).definitions.flatMap((definition) => {
    if (definition.kind !== 'OperationDefinition') return [];
    return definition.selectionSet.selections.flatMap((selection) =>
      selection.kind === 'Field' ? [`${definition.operation}.${selection.name.value}`] : [],
    );
  });
}

export function isMutation({ query }: Pick<Example, 'query'>): boolean {
  return rootFieldsOf(query).some((field) => field.startsWith('mutation.'));
}
