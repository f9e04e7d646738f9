import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { seedCatalog } from '../../src/services/catalog/seed-catalog.js';
import { startTestApp, type TestApp } from '../support/app.js';

interface Step {
  readonly title: string;
  readonly query: string;
  readonly variables: unknown;
  readonly answer: unknown;
}

/** Each operation of a document with the JSON below it: an answer, or variables and an answer. */
function stepsOf(document: string): Step[] {
  return document
    .split('```graphql\n')
    .slice(1)
    .map((part) => {
      const [query = ''] = part.split('```');
      const blocks = [...part.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json as string));
      return {
        title: /\w+ \w+/.exec(query)?.[0] ?? query,
        query,
        variables: blocks.length > 1 ? blocks[0] : {},
        answer: blocks.at(-1),
      };
    });
}

/** What the document calls `<name>`, as the answers so far have told. */
const kept = new Map<string, unknown>();
const nameOf = (value: unknown) => (typeof value === 'string' ? /^<(\w+)>$/.exec(value)?.[1] : undefined);

function fill(value: unknown): unknown {
  const name = nameOf(value);
  if (name !== undefined) return kept.get(name);
  if (Array.isArray(value)) return value.map(fill);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
}

/** Keeps what stands in the answer where the document has a name that is not known yet. */
function keep(shown: unknown, answered: unknown): void {
  const name = nameOf(shown);
  if (name !== undefined && !kept.has(name)) kept.set(name, answered);
  if (typeof shown !== 'object' || shown === null) return;
  for (const [key, inner] of Object.entries(shown)) keep(inner, (answered as Record<string, unknown> | null)?.[key]);
}

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await seedCatalog(app.app);
  await app.sync(['projects', 'droplets']);
});
afterAll(() => app.close());

it('the walk of docs/billing.md answers, step by step, what it says', async () => {
  const steps = stepsOf(readFileSync('docs/billing.md', 'utf8'));
  expect(steps.length).toBeGreaterThan(10);
  for (const { title, query, variables, answer } of steps) {
    const { body } = await app.graphql(query, fill(variables) as object);
    keep(answer, body.data);
    expect([title, body]).toEqual([title, { data: fill(answer) }]);
  }
  expect(kept.get('number')).toMatch(/^\d{4}-000001$/);
});
