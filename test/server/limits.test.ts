import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ worker: false });
});
afterAll(() => app.close());

const codeOf = async (query: string, variables?: object) => {
  const { body } = await app.raw(query, variables);
  return body.errors?.[0]?.extensions['code'];
};
const nested = (depth: number) => {
  const pair = 'project { resources(first: 1) { nodes { ';
  return `{ resources(first: 1) { nodes { ${pair.repeat(depth)} id ${'} } } '.repeat(depth)} } } }`;
};

describe('a query past a limit is QUERY_TOO_COMPLEX', () => {
  it('by depth', async () => {
    expect(await codeOf(nested(3))).toBeUndefined();
    expect(await codeOf(nested(4))).toBe('QUERY_TOO_COMPLEX');
  });

  it('by depth inside fragments', async () => {
    const query = `query { resources(first: 1) { nodes { ...A } } }
      fragment A on Resource { project { resources(first: 1) { nodes { ...B } } } }
      fragment B on Resource { project { resources(first: 1) { nodes { ...C } } } }
      fragment C on Resource { project { resources(first: 1) { nodes { ...D } } } }
      fragment D on Resource { project { resources(first: 1) { nodes { id } } } }`;
    expect(await codeOf(query)).toBe('QUERY_TOO_COMPLEX');
  });

  it('by aliases', async () => {
    const aliases = (count: number) =>
      `{ ${Array.from({ length: count }, (_, n) => `a${n}: viewer { subject }`).join(' ')} }`;
    expect(await codeOf(aliases(30))).toBeUndefined();
    expect(await codeOf(aliases(31))).toBe('QUERY_TOO_COMPLEX');
  });

  it('by what it could answer, with sizes from variables too', async () => {
    const query = 'query($n: Int) { resources(first: $n) { nodes { id events(first: $n) { nodes { id at type } } } } }';
    expect(await codeOf(query, { n: 50 })).toBeUndefined();
    expect(await codeOf(query, { n: 200 })).toBe('QUERY_TOO_COMPLEX');
  });
});

describe('a page size', () => {
  it.each([0, -1, 201])('of %i is BAD_USER_INPUT that names first', async (first) => {
    const { body } = await app.raw('query($first: Int!) { resources(first: $first) { nodes { id } } }', { first });
    expect(body.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      fields: [{ path: 'first', message: 'must be from 1 to 200' }],
    });
  });

  it('is fifty where none is given', async () => {
    expect(await codeOf('{ resources { nodes { id } } }')).toBeUndefined();
  });
});

describe('a request', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${app.operator}`, ...headers },
      body,
    });

  it('may batch ten operations and no more', async () => {
    const batch = (size: number) =>
      JSON.stringify(Array.from({ length: size }, () => ({ query: '{ viewer { subject } }' })));
    const ten = await post(batch(10));
    expect(ten.status).toBe(200);
    expect(await ten.json()).toHaveLength(10);
    expect((await post(batch(11))).status).toBe(400);
  });

  it('may not be larger than the limit', async () => {
    const answer = await post(
      JSON.stringify({ query: '{ viewer { subject } }', variables: { filler: 'x'.repeat(2_000_000) } }),
    );
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });

  it('that is not JSON is a bad request', async () => {
    expect((await post('{')).status).toBe(400);
  });

  it('of a form that a browser sends without asking first is refused', async () => {
    const answer = await fetch(`${app.url}/graphql?query={viewer{subject}}`, {
      headers: { authorization: `Bearer ${app.operator}` },
    });
    expect(answer.status).toBe(400);
  });
});

describe('the rate limit', () => {
  it('counts each subject by itself and says when to come back', async () => {
    const strict = await startTestApp({ worker: false, environment: { RATE_LIMIT_PER_MINUTE: '3' } });
    const ask = (token: string) => strict.raw('{ viewer { subject } }', {}, token);
    for (let n = 0; n < 3; n++) expect((await ask(strict.operator)).status).toBe(200);
    const rejected = await ask(strict.operator);
    expect(rejected.status).toBe(429);
    expect(rejected.body.errors?.[0]?.extensions['code']).toBe('RATE_LIMITED');
    const seconds = rejected.body.errors?.[0]?.extensions['retryAfterSeconds'] as number;
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(rejected.headers.get('retry-after')).toBe(String(seconds));
    expect((await ask(strict.tenant('acme'))).status).toBe(200);
    await strict.close();
  });
});

describe('origins', () => {
  const preflight = (origin: string) =>
    fetch(`${app.url}/graphql`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });

  it.each(['http://localhost:5173', 'http://localhost', 'https://app.sky-ai.com', 'https://a.b.sky-ai.com'])(
    '%s is allowed',
    async (origin) => {
      expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  it.each([
    'https://sky-ai.com.evil.example',
    'https://evilsky-ai.com',
    'http://app.sky-ai.com',
    'http://localhost.evil.example',
    'null',
  ])('%s is not', async (origin) => {
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('what goes wrong on our side', () => {
  it('says nothing of the inside', async () => {
    await app.sql('alter table sync_runs rename to sync_runs_away');
    const { body } = await app.raw('{ syncRuns { nodes { id } } }');
    await app.sql('alter table sync_runs_away rename to sync_runs');
    const [error] = body.errors ?? [];
    expect(error?.extensions).toEqual({
      code: 'INTERNAL_SERVER_ERROR',
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(JSON.stringify(body)).not.toContain('relation');
  });
});

describe('the other paths', () => {
  it('answer health, readiness, metrics, and 404 for the rest', async () => {
    const get = (path: string) => fetch(`${app.url}${path}`);
    expect(await (await get('/api/health')).json()).toEqual({ status: 'ok', service: 'arcadia-cloud' });
    const ready = await get('/api/ready');
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      checks: { database: 'ok', migrations: 'ok', queue: 'ok' },
      schedule: { lastFiredAt: null },
    });
    expect(await (await get('/metrics')).text()).toContain('arcadia_graphql_operations_total');
    expect((await get('/nowhere')).status).toBe(404);
  });
});
