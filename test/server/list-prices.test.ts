import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  buildSchema,
  execute,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNullableType,
  isListType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { examples } from '../../graphiql/examples.js';
import { createSchema } from '../../src/resolvers/schema.js';
import { MAX_COST } from '../../src/server/limits.js';
import { costOf, pricelessLists } from '../../src/server/operation-cost.js';

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema();
});

const priceOf = (query: string, variables: Record<string, unknown> = {}): number => {
  const { definitions } = parse(query);
  const fragments = definitions.filter((each): each is FragmentDefinitionNode => each.kind === 'FragmentDefinition');
  const operation = definitions.find((each): each is OperationDefinitionNode => each.kind === 'OperationDefinition');
  const byName = new Map(fragments.map((fragment) => [fragment.name.value, fragment]));
  return costOf(schema, operation as OperationDefinitionNode, byName, variables).fields;
};
const deployment = (selection: string) => priceOf(`{ deployment(id: "x") { ${selection} } }`);

describe('the price of a query', () => {
  it('knows every list of schema.graphql', () => {
    const published = buildSchema(readFileSync('schema.graphql', 'utf8'));
    let lists = 0;
    for (const type of Object.values(published.getTypeMap()).filter(isObjectType)) {
      if (type.name.startsWith('__')) continue;
      for (const field of Object.values(type.getFields())) {
        if (!isListType(getNullableType(field.type))) continue;
        lists += 1;
        expect(schema.getType(type.name)).toHaveProperty('name', type.name);
      }
    }
    expect(lists).toBeGreaterThanOrEqual(80);
    expect(pricelessLists(schema)).toEqual([]);
  });

  it('names a list that has none, and a connection without a page size', () => {
    const priceless =
      buildSchema(`type Query { names: [String!] things: ThingConnection! paged(first: Int): ThingConnection! }
      type ThingConnection { nodes: [Int!]! }`);
    expect(pricelessLists(priceless)).toEqual(['Query.names', 'Query.things']);
  });

  it('is higher for reports over all tenants, however little is selected of them', () => {
    for (const report of [
      'accrual',
      'marginForecast',
      'costAnomalies(period: "2026-01-01")',
      'margin(period: "2026-01-01")',
      'reconciliation(period: "2026-01-01")',
      'simulatePlanVersion(planVersionId: "x", period: "2026-01-01")',
    ]) {
      expect([report, priceOf(`{ ${report} { __typename } }`)]).toEqual([report, 5_002]);
    }
    expect(priceOf('{ plans { code } }')).toBeLessThan(5_000);
  });

  it('grows with each list that is nested, with and without first', () => {
    expect(deployment('id')).toBe(2);
    expect(deployment('resources { nodes { id } }')).toBe(1 + 11 + (1 + 50));
    expect(deployment('resources(first: 3) { nodes { id tags } pageInfo { endCursor } }')).toBe(
      1 + 11 + (1 + 3 * 6) + 2,
    );
    expect(deployment('resources(first: 3) { edges { node { id } } }')).toBe(1 + 11 + (1 + 3 * 2));
    const lines = (inner: string) => `lines { invoice { ${inner} } }`;
    const prices = [1, 2, 3, 4].map((times) => {
      let selection = 'id';
      for (let n = 0; n < times; n++) selection = lines(selection);
      return priceOf(`{ invoice(id: "x") { ${selection} } }`);
    });
    expect(prices[0]).toBeLessThan(100);
    expect(prices[3]).toBeGreaterThan(MAX_COST);
  });

  it('is that of what variables include, skip and size', () => {
    const query = `query($on: Boolean!, $n: Int = 2) { resources(first: 1) { nodes {
      events(first: $n) @include(if: $on) { nodes { id } } } } }`;
    expect(priceOf(query, { on: false, n: 200 })).toBe(12);
    expect(priceOf(query, { on: true, n: 2 })).toBe(12 + 11 + 1 + 2);
    expect(priceOf(query, { on: true, n: 200 })).toBe(12 + 11 + 1 + 200);
  });

  it('counts a fragment at each place where it is spread, in no more time than it has text', () => {
    const levels = 40;
    const bomb = Array.from(
      { length: levels },
      (_, n) => `fragment F${n} on Query { ${n + 1 < levels ? `...F${n + 1} ...F${n + 1}` : 'viewer { subject }'} }`,
    );
    expect(priceOf(`{ ...F0 } ${bomb.join(' ')}`)).toBe(2 ** levels);
  });

  it('of introspection is at least what it answers, and explodes where it nests', () => {
    const full = priceOf(getIntrospectionQuery());
    const answer = execute({ schema, document: parse(getIntrospectionQuery()) });
    expect(full).toBeGreaterThan(countValues((answer as { data: unknown }).data) / 2);
    expect(full).toBeLessThan(MAX_COST);
    const nested = 'fields { type { '.repeat(5);
    expect(priceOf(`{ __schema { types { ${nested} name ${'} } '.repeat(5)} } } }`)).toBeGreaterThan(MAX_COST);
  });

  it('allows every example of GraphiQL', () => {
    for (const { title, query, variables = {} } of examples) {
      expect([title, priceOf(query, variables as Record<string, unknown>) <= MAX_COST]).toEqual([title, true]);
    }
  });
});

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + countValues(each), 1);
}
