import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { getIntrospectionQuery, getOperationAST, parse } from 'graphql';
import { IntrospectionResults } from '../../src/server/introspection.js';
import { startTestApp, type TestApp } from '../support/app.js';

const keyOf = (text: string, name?: string) => {
  const document = parse(text);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error('no operation');
  return new IntrospectionResults().keyOf(document, operation);
};

describe('the key of an introspection result', () => {
  it('leaves comments and white space out, and keeps the operation apart', () => {
    const query = '{ __schema { types { name } } __typename }';
    expect(keyOf(query)).not.toBeNull();
    expect(keyOf(`# 1\n${query.replaceAll(' ', '\n  ')} # 2`)).toBe(keyOf(query));
    expect(keyOf('query A { __type(name: "Query") { name } } query B { __typename }', 'A')).not.toBe(
      keyOf('query A { __type(name: "Query") { name } } query B { __typename }', 'B'),
    );
  });

  it.each([
    '{ __schema { types { name } } viewer { subject } }',
    'query Q($name: String!) { __type(name: $name) { name } }',
    '{ ... { __schema { types { name } } } }',
    '{ ...All } fragment All on Query { __schema { types { name } } viewer { subject } }',
    'mutation { __typename }',
  ])('is null for %s', (query) => {
    expect(keyOf(query)).toBeNull();
  });
});

describe('introspection', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ worker: false });
  });
  afterAll(() => app.close());

  it('answers each caller the same schema, and nobody another caller’s data beside it', async () => {
    const ask = async (query: string, tenant: string) => (await app.raw(query, {}, app.tenant(tenant))).body;
    const first = await ask(getIntrospectionQuery(), 'acme');
    expect(first.errors).toBeUndefined();
    expect(await ask(`# again\n${getIntrospectionQuery()}`, 'zeta')).toEqual(first);
    const mixed = '{ __schema { queryType { name } } viewer { subject } }';
    for (const tenant of ['acme', 'zeta']) {
      expect(await ask(mixed, tenant)).toEqual({
        data: { __schema: { queryType: { name: 'Query' } }, viewer: { subject: `somebody@${tenant}` } },
      });
    }
  });
});
