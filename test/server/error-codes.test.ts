import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { buildSchema, type GraphQLEnumType } from 'graphql';
import { ERROR_CODES } from '../../src/errors.js';
import { startTestApp, type TestApp } from '../support/app.js';

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const errorCode = schema.getType('ErrorCode') as GraphQLEnumType;

/** Every code that the source can put into an answer: those of the domain errors, and those that the server writes. */
function codesInSource(): string[] {
  const server = readdirSync('src/server').map((file) => `src/server/${file}`);
  const texts = ['src/errors.ts', 'src/resolvers/scalars.ts', ...server].map((file) => readFileSync(file, 'utf8'));
  const found = texts.flatMap((text) => [
    ...matches(text, /\bcode(?: =|:) '([A-Z_]+)'/g),
    ...matches(text, /withCode\([^;]*?'([A-Z_]+)'\)/g),
    ...matches(/new Set<ErrorCode>\(\[([^\]]*)\]/.exec(text)?.[1] ?? '', /'([A-Z_]+)'/g),
  ]);
  return [...new Set(found)].sort();
}
const matches = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, code]) => code as string);

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

describe('ErrorCode', () => {
  it('has every code that the source can answer, and no other', () => {
    const values = errorCode.getValues().map(({ name }) => name);
    expect(values.sort()).toEqual(codesInSource());
    expect(values).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('describes each code', () => {
    expect(errorCode.getValues().filter(({ description }) => !description)).toEqual([]);
  });

  const requests: readonly (readonly [string, object, 'operator' | 'tenant' | 'nobody'])[] = [
    ['BAD_REQUEST', { query: 'subscription { syncEvents { type } }' }, 'operator'],
    ['BAD_USER_INPUT', { query: '{ resources(first: 0) { totalCount } }' }, 'operator'],
    ['FORBIDDEN', { query: '{ balance { id } }' }, 'tenant'],
    ['GRAPHQL_PARSE_FAILED', { query: '{ viewer' }, 'operator'],
    ['GRAPHQL_VALIDATION_FAILED', { query: '{ absent }' }, 'operator'],
    [
      'NOT_FOUND',
      { query: 'mutation { cancelSaga(id: "3e5e5d0c-0000-4000-8000-000000000000") { saga { id } } }' },
      'operator',
    ],
    ['OPERATION_RESOLUTION_FAILURE', { query: '{ viewer { subject } }', operationName: 'Absent' }, 'operator'],
    [
      'PERSISTED_QUERY_NOT_SUPPORTED',
      { extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } },
      'operator',
    ],
    ['UNAUTHENTICATED', { query: '{ viewer { subject } }' }, 'nobody'],
  ];
  it.each(requests)('%s is what the server answers', async (code, body, viewer) => {
    const token = viewer === 'operator' ? app.operator : viewer === 'tenant' ? app.tenant('acme') : null;
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    });
    const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
    expect(errors[0]?.extensions.code).toBe(code);
  });
});
