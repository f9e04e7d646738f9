import { parseArgs } from 'node:util';
import jwt from 'jsonwebtoken';
import type { Config } from '../config.js';
import { ConfigError } from '../errors.js';

export interface TokenClaims {
  readonly tenantId: string;
  readonly roles: readonly string[];
  readonly subject: string;
  readonly hours: number;
  /** Left out: this service under its default name. */
  readonly audience?: string;
  readonly issuer?: string;
}

/** Signs as the issuer of our tokens does; for development, never in production. */
export function signToken(
  secret: string,
  { tenantId, roles, subject, hours, audience = 'arcadia-cloud', issuer = 'arcadia-cloud-dev' }: TokenClaims,
): string {
  const claims = { sub: subject, tenant_id: tenantId, roles, aud: audience, iss: issuer };
  return jwt.sign(claims, secret, { algorithm: 'HS512', expiresIn: Math.round(hours * 3600) });
}

/** The claims by which this installation recognises its tokens. */
export function namesOf({ audience, issuers }: Config['jwt']): Pick<TokenClaims, 'audience' | 'issuer'> {
  const [issuer] = issuers ?? [];
  return { audience, ...(issuer === undefined ? {} : { issuer }) };
}

/** `--tenant acme --roles member,billing [--subject ann] [--hours 12]`. Throws ConfigError with one line. */
export function readTokenArguments(args: readonly string[]): TokenClaims {
  const usage = 'npm run token -- --tenant <tenant> --roles <role,role> [--subject <subject>] [--hours <hours>]';
  let values: Record<string, string | undefined>;
  try {
    const text = { type: 'string' } as const;
    ({ values } = parseArgs({ args: [...args], options: { tenant: text, roles: text, subject: text, hours: text } }));
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)} Usage: ${usage}`);
  }
  const { tenant, roles, subject, hours = '12' } = values;
  if (!tenant) throw new ConfigError(`--tenant is missing. Usage: ${usage}`);
  if (!/^\d+(\.\d+)?$/.test(hours) || Number(hours) <= 0)
    throw new ConfigError(`--hours is ${hours}; it takes a positive number.`);
  const list = (roles ?? '').split(',').map((role) => role.trim());
  return {
    tenantId: tenant,
    roles: list.filter((role) => role !== ''),
    subject: subject ?? `dev@${tenant}`,
    hours: Number(hours),
  };
}
