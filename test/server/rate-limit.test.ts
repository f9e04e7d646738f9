import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import jwt from 'jsonwebtoken';
import { JWT_SECRET, startTestApp, type TestApp } from '../support/app.js';
import { subscribeRaw } from '../support/graphql.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { present } from '../support/typed-document.js';

const ME = '{ viewer { subject } }';
const LIMIT = 20;

const token = (claims: object) =>
  jwt.sign({ sub: 'ann', tenant_id: 'acme', roles: ['member'], ...claims }, JWT_SECRET, { expiresIn: '1h' });

/** How many of the requests that these apps get in turn are admitted, until each refuses. */
async function admitted(apps: readonly TestApp[], bearer: string): Promise<number> {
  let count = 0;
  for (const refusals = new Set<TestApp>(); refusals.size < apps.length; ) {
    for (const app of apps) {
      const { status } = await app.raw(ME, {}, bearer);
      if (status === 200) count += 1;
      else refusals.add(app);
    }
  }
  return count;
}

const start = (limit: number, shared: Parameters<typeof startTestApp>[0] = {}) =>
  startTestApp({
    ...shared,
    worker: false,
    environment: { RATE_LIMIT_PER_MINUTE: String(limit), ...shared?.environment },
  });

describe('the rate limit of two processes', () => {
  let first: TestApp;
  let second: TestApp;
  beforeAll(async () => {
    first = await start(LIMIT);
    second = await start(LIMIT, { databaseUrl: first.databaseUrl, sandboxUrl: first.sandboxUrl });
  });
  afterAll(async () => {
    await second.close();
    await first.close();
  });

  it('is one: together they admit as many as one would', async () => {
    expect(await admitted([first, second], token({}))).toBe(LIMIT);
  });

  it('is each subject’s, tenant’s and role’s own', async () => {
    const roles = { operator: ['platform-admin'], gateway: ['llm-gateway'] };
    for (const claims of [
      { tenant_id: 'globex' },
      { roles: roles.operator },
      { roles: roles.gateway },
      { sub: 'bob' },
    ]) {
      expect((await first.raw(ME, {}, token(claims))).status).toBe(200);
    }
    expect((await first.raw(ME, {}, token({ roles: ['other', 'roles'] }))).status).toBe(429);
  });

  it('tells in every answer what is left', async () => {
    const { headers } = await first.raw(ME, {}, token({ sub: 'carol' }));
    expect(headers.get('ratelimit-policy')).toBe(`"subject";q=${LIMIT};w=60`);
    expect(headers.get('ratelimit')).toMatch(/^"subject";r=19;t=(60|59)$/);
    const rejected = await first.raw(ME, {}, token({}));
    const after = rejected.headers.get('retry-after');
    expect(rejected.headers.get('ratelimit')).toBe(`"subject";r=0;t=${after}`);
    expect(rejected.body.errors?.[0]?.extensions).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: Number(after) });
  });

  it('holds on the socket too', async () => {
    const bearer = token({ sub: 'dave' });
    await admitted([second], bearer);
    const rejection = subscribeRaw(first.url, bearer, ME)
      .next()
      .catch((error) => error);
    expect(JSON.stringify(await rejection)).toContain('RATE_LIMITED');
  });

  it('asks the store a few times a minute, not once a request', async () => {
    const roomy = await start(1_600, { databaseUrl: first.databaseUrl, sandboxUrl: first.sandboxUrl });
    const bearer = token({ sub: 'erin' });
    const counted = async () =>
      Number(present((await first.sql('select sum(points) as points from rate_limits'))[0]).points);
    const before = await counted();
    for (let n = 0; n < 100; n++) await roomy.raw(ME, {}, bearer);
    expect((await counted()) - before).toBe(100); // one lease: a sixteenth of the minute
    await roomy.close();
  });

  it('counts alone while the store is away, and says so', async () => {
    await first.sql('alter table rate_limits rename to rate_limits_away');
    const failures = async () => {
      const metrics = await (await fetch(`${first.url}/metrics`)).text();
      return Number(/^arcadia_rate_limit_store_failures_total (\S+)$/m.exec(metrics)?.[1]);
    };
    const before = await failures();
    const bearer = token({ sub: 'frank' });
    expect((await first.raw(ME, {}, bearer)).status).toBe(200);
    // A twelfth of the minute for five seconds.
    expect((await first.raw(ME, {}, bearer)).status).toBe(200);
    expect((await first.raw(ME, {}, bearer)).status).toBe(429);
    expect(await failures()).toBe(before + 1);
    await first.sql('alter table rate_limits_away rename to rate_limits');
  });
});

(hasRedis ? describe : describe.skip)('the rate limit on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());

  it('is one for two processes, and none of the database’s', async () => {
    const environment = { REDIS_URL: redis.url };
    const first = await start(LIMIT, { environment });
    const second = await start(LIMIT, { environment, databaseUrl: first.databaseUrl, sandboxUrl: first.sandboxUrl });
    expect(await admitted([first, second], token({}))).toBe(LIMIT);
    expect(await first.sql('select * from rate_limits')).toEqual([]);
    await second.close();
    await first.close();
  });
});
