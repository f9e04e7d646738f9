import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../src/config.js';

describe('the configuration', () => {
  it('needs nothing outside production', () => {
    expect(readConfig({})).toEqual({
      production: false,
      http: {
        port: 4005,
        host: '127.0.0.1',
        corsOrigins: ['http://localhost:*', 'https://*.sky-ai.com'],
        rateLimitPerMinute: 1200,
        operationTimeoutMs: 30_000,
        anonymousPerMinute: 60,
        socketsPerTenant: 500,
        trustedProxies: 0,
      },
      databaseUrl: null,
      database: { connectTimeoutMs: 5_000, silenceMs: 5_000, statementTimeoutMs: 600_000, sessionSettings: true },
      redisUrl: null,
      redisTimeoutMs: 10_000,
      startTimeoutMs: 300_000,
      healthPort: null,
      dataDir: '.data',
      jwt: {
        secret: null,
        algorithms: ['HS512', 'HS256'],
        audience: 'arcadia-cloud',
        requireAudience: false,
        issuers: null,
      },
      digitalOcean: { tokens: null, url: null, pollIntervalMs: 5000 },
      spaces: { regions: [], endpoint: null },
      sandbox: { port: 0, timeScale: null, allowInProduction: false },
      financeUrl: null,
      financeIdentity: { tenantId: 'platform-admin', roles: ['admin'] },
      reportingCurrency: 'AUD',
      gstRate: '0.10',
      internalProject: 'skyai-internal',
      sagaLeaseSeconds: 30,
      logLevel: 'info',
    });
  });

  it('takes Spaces keys by region', () => {
    const keys = { SPACES_KEY_SYD1: 'a', SPACES_SECRET_SYD1: 'b', SPACES_KEY_FRA1: 'c', SPACES_SECRET_FRA1: 'd' };
    expect(readConfig(keys).spaces.regions).toEqual([
      { region: 'fra1', key: 'c', secret: 'd' },
      { region: 'syd1', key: 'a', secret: 'b' },
    ]);
  });

  it('takes one token for every purpose, and one a purpose before that', () => {
    const { digitalOcean } = readConfig({ DO_API_TOKEN: 'a', DO_API_TOKEN_BILLING: 'b' });
    expect(digitalOcean.tokens).toEqual({ sync: 'a', billing: 'b', provisioning: 'a' });
  });

  it('requires an audience that is configured, and takes a list of issuers', () => {
    const { jwt } = readConfig({ ARCADIA_JWT_AUDIENCE: 'cloud-ops', ARCADIA_JWT_ISSUER: 'https://id.example, sso' });
    expect(jwt).toMatchObject({
      audience: 'cloud-ops',
      requireAudience: true,
      issuers: ['https://id.example', 'sso'],
    });
  });

  const refusals: [Record<string, string>, string][] = [
    [{ PORT: 'many' }, 'PORT is "many"; it takes a whole number from 0 to 65535.'],
    [{ PORT: '70000' }, 'PORT is "70000"; it takes a whole number from 0 to 65535.'],
    [{ GST_RATE: '10%' }, 'GST_RATE is "10%"; it takes a decimal from 0 to 1, as 0.10.'],
    [{ REPORTING_CURRENCY: 'EUR' }, 'REPORTING_CURRENCY is "EUR"; it takes one of AUD, USD.'],
    [{ SANDBOX_TIME_SCALE: '-1' }, 'SANDBOX_TIME_SCALE is "-1"; it takes a number from 0 to 1000.'],
    [
      { ARCADIA_JWT_ALGORITHMS: 'HS512,none' },
      'ARCADIA_JWT_ALGORITHMS is "HS512,none"; it takes a comma-separated list of HS256, HS384, HS512.',
    ],
    [
      { SKYAI_FINANCE_ROLES: 'admin,,books' },
      'SKYAI_FINANCE_ROLES is "admin,,books"; it takes comma-separated names of letters, digits and ._:-, as admin.',
    ],
    [
      { SPACES_KEY_SYD1: 'a', SPACES_SECRET_FRA1: 'hunter2' },
      'SPACES_KEY_FRA1 is not set, but SPACES_SECRET_FRA1 is; set both.',
    ],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL is "loud"; it takes one of fatal, error, warn, info, debug, trace, silent.'],
    [
      { DO_API_TOKEN_SYNC: 'a' },
      'DO_API_TOKEN_BILLING and DO_API_TOKEN_PROVISIONING is not set; set it, or DO_API_TOKEN for every purpose.',
    ],
    [{ NODE_ENV: 'production' }, 'ARCADIA_JWT_SECRET is not set; production takes a secret of at least 32 bytes.'],
    [
      { NODE_ENV: 'production', ARCADIA_JWT_SECRET: 'short' },
      'ARCADIA_JWT_SECRET has 5 bytes (not shown); production takes at least 32.',
    ],
    [
      { DATABASE_URL: 'mysql://u:hunter2@h/d' },
      'DATABASE_URL does not parse (not shown: it may hold a password); it takes a postgres:// URL.',
    ],
    [
      { CORS_ORIGINS: 'everyone' },
      'CORS_ORIGINS is "everyone"; it takes comma-separated origins as https://app.example.com, https://*.example.com or http://localhost:*.',
    ],
  ];
  it.each(refusals)('refuses %j in one line that names the variable', (environment, line) => {
    expect(() => readConfig(environment)).toThrow(line);
    expect(line).not.toContain('\n');
  });

  it('never repeats a secret', () => {
    for (const environment of [
      { DO_API_TOKEN: 'dop_v1 secret' },
      { DATABASE_URL: 'x:hunter2' },
      { REDIS_URL: 'hunter2' },
    ]) {
      expect(() => readConfig(environment)).toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/hunter2|secret$/) }),
      );
    }
  });
});
