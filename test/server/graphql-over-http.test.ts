import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

it('the audit of GraphQL over HTTP passes with no error and no warning', async () => {
  const audits = serverAudits({
    url: () => `${app.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${app.operator}` },
      }),
  });
  const results = await Promise.all(audits.map((audit) => audit.fn()));
  const problems = results
    .filter((result) => result.status !== 'ok')
    .map((result) => `${result.status} ${result.id} ${result.name}`);
  expect(results.length).toBeGreaterThan(50);
  expect(problems.filter((problem) => problem.startsWith('error'))).toEqual([]);
  expect(problems.filter((problem) => problem.startsWith('warn'))).toEqual([]);
});
