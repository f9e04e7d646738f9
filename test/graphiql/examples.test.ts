import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, coerceInputValue, type GraphQLSchema, parse, typeFromAST, validate } from 'graphql';
import { type Example, examples } from '../../graphiql/examples.js';
import { offeredExamples } from '../../graphiql/offered-examples.js';

describe('the example operations of GraphiQL', () => {
  it('are one operation each, named as no other is', () => {
    const names = examples.map(({ query }) => {
      const operations = parse(query).definitions.filter(({ kind }) => kind === 'OperationDefinition');
      expect(operations).toHaveLength(1);
      return operations.map((operation) => 'name' in operation && operation.name?.value).join();
    });
    expect(new Set(names).size).toBe(examples.length);
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
    expect(offeredExamples(examples, rootFields(schema))).toEqual(examples);
    for (const example of examples) expect([example.title, ...problems(schema, example)]).toEqual([example.title]);
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
