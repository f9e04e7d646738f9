import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, coerceInputValue, type GraphQLSchema, parse, typeFromAST, validate } from 'graphql';
import { allExamples } from '../../graphiql/example-groups.js';
import { type Example, examples } from '../../graphiql/examples.js';
import { offeredExamples, rootFieldsOf } from '../../graphiql/offered-examples.js';

describe('the example operations of GraphiQL', () => {
  it('are one operation each, named as no other is', () => {
    const names = allExamples.map(({ query }) => {
      const operations = parse(query).definitions.filter(({ kind }) => kind === 'OperationDefinition');
      expect(operations).toHaveLength(1);
      return operations.map((operation) => 'name' in operation && operation.name?.value).join();
    });
    expect(new Set(names).size).toBe(allExamples.length);
    expect(new Set(allExamples.map(({ title }) => title)).size).toBe(allExamples.length);
  });

  it('are withheld where the server lacks one of their root fields', () => {
    const titles = offeredExamples(examples, new Set(['query.resources', 'subscription.syncEvents'])).map(
      ({ title }) => title,
    );
    expect(titles).toEqual(['Inventory', 'Watch syncs']);
    expect(offeredExamples(examples, null)).toEqual(examples);
  });

  it('are all offered by this program, and valid, variables and all', () => {
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    expect(offeredExamples(allExamples, rootFields(schema))).toEqual(allExamples);
    for (const example of allExamples) expect([example.title, ...problems(schema, example)]).toEqual([example.title]);
  });

  it('have every query, mutation and stream of the schema among them', () => {
    const shown = new Set(allExamples.flatMap(({ query }) => rootFieldsOf(query)));
    const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
    const missing = [...rootFields(schema)].filter((field) => !shown.has(field));
    // Each field needs one: add it to the file of its area in graphiql/, and its ids to run-examples.test.ts if it takes any.
    expect({ withoutExample: missing }).toEqual({ withoutExample: [] });
  });
});

function problems(schema: GraphQLSchema, { query, variables = {} }: Example): string[] {
  const document = parse(query);
  const found = validate(schema, document).map(({ message }) => message);
  for (const definition of document.definitions) {
    if (definition.kind !== 'OperationDefinition') continue;
    for (const { variable, type } of definition.variableDefinitions ?? []) {
      const value = (variables as Record<string, unknown>)[variable.name.value];
      const inputType = typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]);
      if (value === undefined && type.kind !== 'NonNullType') continue;
      coerceInputValue(value, inputType as Parameters<typeof coerceInputValue>[1], (path, _value, error) => {
        found.push(`$${variable.name.value} ${path.join('.')}: ${error.message}`);
      });
    }
  }
  return found;
}

function rootFields(schema: GraphQLSchema): Set<string> {
  const roots = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  };
  return new Set(
    Object.entries(roots).flatMap(([operation, type]) =>
      Object.keys(type?.getFields() ?? {}).map((field) => `${operation}.${field}`),
    ),
  );
}
