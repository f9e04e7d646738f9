import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

it.each([
  ['a query', 'query($code: String!) { plan(code: $code) { id } }', { code: 'a\0' }, 'code'],
  [
    'a filter',
    'query($f: ResourceFilter) { resources(filter: $f) { totalCount } }',
    { f: { tag: '\0' } },
    'filter.tag',
  ],
  [
    'a mutation',
    'mutation($input: CreatePlanInput!) { createPlan(input: $input) { plan { id } } }',
    { input: { code: 'a', name: 'A\0' } },
    'input.name',
  ],
])('a zero character in %s is BAD_USER_INPUT where it stands', async (_, query, variables, path) => {
  const { body } = await app.graphql(query, variables);
  expect(body.errors?.map((error) => error.extensions)).toEqual([
    { code: 'BAD_USER_INPUT', fields: [{ path, message: 'holds a zero character' }] },
  ]);
});

it('the audit keeps what was refused, with a sign in its place', async () => {
  const [entry] = await app.sql(`select inputs, outcome from audit_entries where mutation = 'createPlan'`);
  expect(entry).toEqual({ inputs: { input: { code: 'a', name: 'A\u2400' } }, outcome: 'BAD_USER_INPUT' });
});
