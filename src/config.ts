import { ConfigError } from './errors.js';

/** Where this process gets its data, and what it does with it. Built once by `readConfig`; nothing else reads the environment. */
export interface Config {
  readonly production: boolean;
  readonly http: {
    readonly port: number;
    readonly host: string;
    readonly corsOrigins: readonly string[];
    /** Requests that one subject may send in a minute; a batch counts each of its operations. */
    readonly rateLimitPerMinute: number;
    /** How long an operation may take, waiting for its tenant's turn included. */
    readonly operationTimeoutMs: number;
    /** Requests without a valid token that one address may send in a minute. */
    readonly anonymousPerMinute: number;
    /** Sockets that one tenant may have open in this process. */
    readonly socketsPerTenant: number;
    /** Reverse proxies in front, each of which appends to `x-forwarded-for`; 0: the header is not trusted. */
    readonly trustedProxies: number;
  };
  /** Null: the embedded Postgres under `dataDir`. */
  readonly databaseUrl: string | null;
  /** How long this process waits for the database. */
  readonly database: {
    /** For a connection to be made and to sign in. */
    readonly connectTimeoutMs: number;
    /** For the next bytes of an answer, before a second connection checks whether the server is still at work on it. */
    readonly silenceMs: number;
    /** For any one statement; 0: for ever. */
    readonly statementTimeoutMs: number;
    /** False: no session setting is sent when a connection starts, for poolers that reject them. */
    readonly sessionSettings: boolean;
  };
  /** Null: queue and wakes use Postgres. */
  readonly redisUrl: string | null;
  /** How long Redis may take to connect or to answer a command. */
  readonly redisTimeoutMs: number;
  /** How long a process that starts waits for database and Redis before it ends. */
  readonly startTimeoutMs: number;
  /** Where a worker serves health, readiness and metrics; null: nowhere. */
  readonly healthPort: number | null;
  readonly dataDir: string;
  readonly jwt: {
    /** Null: generated once and stored under `dataDir`. */
    readonly secret: string | null;
    readonly algorithms: readonly JwtAlgorithm[];
    /** This service in `aud`. */
    readonly audience: string;
    /** True: a token without `aud` is rejected. One that names other audiences only is rejected always. */
    readonly requireAudience: boolean;
    /** Accepted values of `iss`; null: any, or none. */
    readonly issuers: readonly string[] | null;
  };
  readonly digitalOcean: {
    /** Null: the sandbox is started and used. */
    readonly tokens: { readonly sync: string; readonly billing: string; readonly provisioning: string } | null;
    /** Without `/v2`; null: DigitalOcean's own, or the sandbox's where there is no token. */
    readonly url: string | null;
    readonly pollIntervalMs: number;
  };
  readonly spaces: {
    /** By region; none: sizes of buckets are not read, or come from the sandbox. */
    readonly regions: readonly { readonly region: string; readonly key: string; readonly secret: string }[];
    /** With `{region}` in it; null: the provider's own. */
    readonly endpoint: string | null;
  };
  readonly sandbox: {
    readonly port: number;
    readonly timeScale: number | null;
    /** Whether it may start although this is production. */
    readonly allowInProduction: boolean;
  };
  /** Null: the push is skipped. */
  readonly financeUrl: string | null;
  /** The claims of the token that pushes are sent with. */
  readonly financeIdentity: { readonly tenantId: string; readonly roles: readonly string[] };
  readonly reportingCurrency: 'AUD' | 'USD';
  /** A decimal as text, as "0.10". */
  readonly gstRate: string;
  readonly internalProject: string;
  readonly sagaLeaseSeconds: number;
  readonly logLevel: string;
}

export const JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const;
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];
const DEFAULT_AUDIENCE = 'arcadia-cloud';
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads every variable of the runtime contract. Throws ConfigError for the first that does not parse: its name, what it
 * was given (never of a secret) and what it takes.
 */
export function readConfig(env: Environment): Config {
  const production = env['NODE_ENV'] === 'production';
  const token = secret(env, 'DO_API_TOKEN');
  const purposes = {
    sync: secret(env, 'DO_API_TOKEN_SYNC') ?? token,
    billing: secret(env, 'DO_API_TOKEN_BILLING') ?? token,
    provisioning: secret(env, 'DO_API_TOKEN_PROVISIONING') ?? token,
  };
  return {
    production,
    http: {
      port: integer(env, 'PORT', 4005, 0, 65_535),
      host: text(env, 'HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
      corsOrigins: corsOrigins(env, production),
      rateLimitPerMinute: integer(env, 'RATE_LIMIT_PER_MINUTE', 1_200, 1, 100_000_000),
      operationTimeoutMs: integer(env, 'OPERATION_TIMEOUT_MS', 30_000, 100, 600_000),
      anonymousPerMinute: integer(env, 'ANONYMOUS_REQUESTS_PER_MINUTE', 60, 1, 1_000_000),
      socketsPerTenant: integer(env, 'SOCKETS_PER_TENANT', 500, 1, 1_000_000),
      trustedProxies: integer(env, 'TRUSTED_PROXIES', 0, 0, 10),
    },
    databaseUrl: url(env, 'DATABASE_URL', ['postgres:', 'postgresql:'], 'a postgres:// URL'),
    database: {
      connectTimeoutMs: integer(env, 'DATABASE_CONNECT_TIMEOUT_MS', 5_000, 100, 600_000),
      silenceMs: integer(env, 'DATABASE_SILENCE_MS', 5_000, 100, 600_000),
      statementTimeoutMs: integer(env, 'DATABASE_STATEMENT_TIMEOUT_MS', 600_000, 0, 86_400_000),
      sessionSettings: oneOf(env, 'DATABASE_SESSION_SETTINGS', ['on', 'off'] as const, 'on') === 'on',
    },
    redisUrl: url(env, 'REDIS_URL', ['redis:', 'rediss:'], 'a redis:// or rediss:// URL'),
    redisTimeoutMs: integer(env, 'REDIS_TIMEOUT_MS', 10_000, 100, 600_000),
    startTimeoutMs: integer(env, 'START_TIMEOUT_SECONDS', 300, 0, 86_400) * 1_000,
    healthPort: optionalInteger(env, 'HEALTH_PORT', 0, 65_535),
    dataDir: text(env, 'DATA_DIR') ?? '.data',
    jwt: {
      secret: jwtSecret(env, production),
      algorithms: jwtAlgorithms(env),
      audience: text(env, 'ARCADIA_JWT_AUDIENCE') ?? DEFAULT_AUDIENCE,
      requireAudience: text(env, 'ARCADIA_JWT_AUDIENCE') !== null,
      issuers: list(env, 'ARCADIA_JWT_ISSUER'),
    },
    digitalOcean: {
      tokens: digitalOceanTokens(purposes),
      url: url(env, 'DO_API_URL', ['http:', 'https:'], 'an http(s) URL without /v2')?.replace(/\/+$/, '') ?? null,
      pollIntervalMs: integer(env, 'DO_POLL_INTERVAL_MS', 5_000, 10, 3_600_000),
    },
    spaces: { regions: spacesRegions(env), endpoint: spacesEndpoint(env) },
    sandbox: {
      port: integer(env, 'SANDBOX_PORT', 0, 0, 65_535),
      timeScale: optionalNumber(env, 'SANDBOX_TIME_SCALE', 0, 1_000),
      allowInProduction: oneOf(env, 'SANDBOX_IN_PRODUCTION', ['allow', 'deny'] as const, 'deny') === 'allow',
    },
    financeUrl: url(env, 'SKYAI_FINANCE_URL', ['http:', 'https:'], 'an http(s) URL')?.replace(/\/+$/, '') ?? null,
    financeIdentity: {
      tenantId: text(env, 'SKYAI_FINANCE_TENANT_ID') ?? 'platform-admin',
      roles: names(env, 'SKYAI_FINANCE_ROLES', ['admin']),
    },
    reportingCurrency: oneOf(env, 'REPORTING_CURRENCY', ['AUD', 'USD'] as const, 'AUD'),
    gstRate: rate(env, 'GST_RATE', '0.10'),
    internalProject: text(env, 'INTERNAL_PROJECT') ?? 'skyai-internal',
    sagaLeaseSeconds: integer(env, 'SAGA_LEASE_SECONDS', 30, 1, 3_600),
    logLevel: oneOf(env, 'LOG_LEVEL', LOG_LEVELS, 'info'),
  };
}

function rejectValue(name: string, given: string, takes: string): never {
  throw new ConfigError(`${name} is ${JSON.stringify(given)}; it takes ${takes}.`);
}

function text(env: Environment, name: string): string | null {
  const value = env[name]?.trim();
  return value === undefined || value === '' ? null : value;
}

/** Comma-separated; null if none is given. */
function list(env: Environment, name: string): readonly string[] | null {
  const values = (text(env, name) ?? '').split(',').map((value) => value.trim());
  const given = values.filter((value) => value !== '');
  return given.length > 0 ? given : null;
}

function integer(env: Environment, name: string, fallback: number, min: number, max: number): number {
  const given = text(env, name);
  if (given === null) return fallback;
  const value = Number(given);
  if (!/^\d+$/.test(given) || value < min || value > max)
    rejectValue(name, given, `a whole number from ${min} to ${max}`);
  return value;
}

function optionalInteger(env: Environment, name: string, min: number, max: number): number | null {
  return text(env, name) === null ? null : integer(env, name, 0, min, max);
}

function optionalNumber(env: Environment, name: string, min: number, max: number): number | null {
  const given = text(env, name);
  if (given === null) return null;
  const value = Number(given);
  if (!/^\d+(\.\d+)?$/.test(given) || value < min || value > max)
    rejectValue(name, given, `a number from ${min} to ${max}`);
  return value;
}

function oneOf<T extends string>(env: Environment, name: string, allowed: readonly T[], fallback: T): T {
  const given = text(env, name);
  if (given === null) return fallback;
  const found = allowed.find((value) => value === given);
  return found ?? rejectValue(name, given, `one of ${allowed.join(', ')}`);
}

function names(env: Environment, name: string, fallback: readonly string[]): readonly string[] {
  const given = text(env, name);
  if (given === null) return fallback;
  const list = given.split(',').map((part) => part.trim());
  if (!list.every((part) => /^[A-Za-z0-9._:-]+$/.test(part))) {
    rejectValue(name, given, `comma-separated names of letters, digits and ._:-, as ${fallback.join(',')}`);
  }
  return list;
}

function rate(env: Environment, name: string, fallback: string): string {
  const given = text(env, name);
  if (given === null) return fallback;
  if (!/^(0(\.\d+)?|1(\.0+)?)$/.test(given)) rejectValue(name, given, 'a decimal from 0 to 1, as 0.10');
  return given;
}

/** URLs may hold a password, so what was given is not repeated. */
function url(env: Environment, name: string, protocols: readonly string[], takes: string): string | null {
  const given = text(env, name);
  if (given === null) return null;
  if (!URL.canParse(given) || !protocols.includes(new URL(given).protocol)) {
    throw new ConfigError(`${name} does not parse (not shown: it may hold a password); it takes ${takes}.`);
  }
  return given;
}

function secret(env: Environment, name: string): string | null {
  const given = text(env, name);
  if (given !== null && !/^[\x21-\x7e]+$/.test(given)) {
    throw new ConfigError(
      `${name} holds characters that no token has (not shown); it takes printable ASCII without spaces.`,
    );
  }
  return given;
}

function digitalOceanTokens(tokens: Record<'sync' | 'billing' | 'provisioning', string | null>) {
  const { sync, billing, provisioning } = tokens;
  if (sync !== null && billing !== null && provisioning !== null) return { sync, billing, provisioning };
  if (sync === null && billing === null && provisioning === null) return null;
  const missing = Object.entries(tokens).filter(([, value]) => value === null);
  const names = missing.map(([purpose]) => `DO_API_TOKEN_${purpose.toUpperCase()}`);
  throw new ConfigError(`${names.join(' and ')} is not set; set it, or DO_API_TOKEN for every purpose.`);
}

/** `SPACES_KEY_SYD1` and `SPACES_SECRET_SYD1` for each region; a half of a pair is an error. */
function spacesRegions(env: Environment): Config['spaces']['regions'] {
  const found = Object.keys(env).flatMap((name) => /^SPACES_(?:KEY|SECRET)_([A-Z0-9]+)$/.exec(name)?.[1] ?? []);
  return [...new Set(found)].sort().flatMap((region) => {
    const [key, access] = [secret(env, `SPACES_KEY_${region}`), secret(env, `SPACES_SECRET_${region}`)];
    if (key === null && access === null) return [];
    if (key === null || access === null) {
      const [set, missing] = key === null ? ['SECRET', 'KEY'] : ['KEY', 'SECRET'];
      throw new ConfigError(`SPACES_${missing}_${region} is not set, but SPACES_${set}_${region} is; set both.`);
    }
    return [{ region: region.toLowerCase(), key, secret: access }];
  });
}

function spacesEndpoint(env: Environment): string | null {
  const name = 'SPACES_ENDPOINT';
  const given = text(env, name);
  if (given === null) return null;
  const takes = 'an http(s) URL, with {region} in place of the region, as https://{region}.digitaloceanspaces.com';
  const example = given.replace('{region}', 'syd1');
  if (!URL.canParse(example) || !/^https?:$/.test(new URL(example).protocol)) {
    throw new ConfigError(`${name} does not parse (not shown: it may hold a password); it takes ${takes}.`);
  }
  return given.replace(/\/+$/, '');
}

function jwtSecret(env: Environment, production: boolean): string | null {
  const given = env['ARCADIA_JWT_SECRET'];
  if (given === undefined || given === '') {
    if (production)
      throw new ConfigError('ARCADIA_JWT_SECRET is not set; production takes a secret of at least 32 bytes.');
    return null;
  }
  const bytes = Buffer.byteLength(given);
  if (production && bytes < 32) {
    throw new ConfigError(`ARCADIA_JWT_SECRET has ${bytes} bytes (not shown); production takes at least 32.`);
  }
  return given;
}

function jwtAlgorithms(env: Environment): readonly JwtAlgorithm[] {
  const given = text(env, 'ARCADIA_JWT_ALGORITHMS');
  if (given === null) return ['HS512', 'HS256'];
  return given.split(',').map((part) => {
    const found = JWT_ALGORITHMS.find((algorithm) => algorithm === part.trim());
    return (
      found ?? rejectValue('ARCADIA_JWT_ALGORITHMS', given, `a comma-separated list of ${JWT_ALGORITHMS.join(', ')}`)
    );
  });
}

function corsOrigins(env: Environment, production: boolean): readonly string[] {
  const given = text(env, 'CORS_ORIGINS');
  const own = given === null ? (production ? [] : ['http://localhost:*']) : given.split(',').map((part) => part.trim());
  for (const origin of own) {
    if (!/^https?:\/\/(\*\.)?[a-zA-Z0-9.-]+(:(\d+|\*))?$/.test(origin)) {
      rejectValue(
        'CORS_ORIGINS',
        given ?? '',
        'comma-separated origins as https://app.example.com, https://*.example.com or http://localhost:*',
      );
    }
  }
  return [...own, 'https://*.sky-ai.com'];
}
