import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import type { JwtAlgorithm } from '../config.js';
import type { Viewer } from '../context.js';
import { OPERATOR } from '../core/roles.js';
import { UnauthenticatedError } from '../errors.js';

/** `Bearer …` to the viewer. Throws UnauthenticatedError, which says what is wrong and never repeats the token. */
export type Authenticate = (authorization: string | null | undefined) => Viewer;

/** The token ran out, rather than being wrong: the socket answers it with another close code. */
export class TokenExpiredError extends UnauthenticatedError {}

/** Viewers that are remembered at once. */
const MAX_KNOWN = 1_000;

/**
 * Verifies with the shared secret; an algorithm that is not listed is refused, `none` always. A token that verified is
 * not verified again until it expires: the check of its signature costs a quarter of a short query.
 */
export function createAuthenticate(secret: string, algorithms: readonly JwtAlgorithm[]): Authenticate {
  const key: KeyObject = createSecretKey(Buffer.from(secret));
  /** By the whole header, oldest first. */
  const known = new Map<string, Viewer>();
  return (authorization) => {
    if (!authorization) throw new UnauthenticatedError('Send a token: authorization: Bearer <JWT>.');
    const before = known.get(authorization);
    if (before && Math.floor(Date.now() / 1_000) < before.expiresAt) return before;
    known.delete(authorization);
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (token === undefined)
      throw new UnauthenticatedError('The authorization header is not of the form: Bearer <JWT>.');
    const viewer = viewerOf(verify(token, key, algorithms));
    known.set(authorization, viewer);
    const [oldest] = known.keys();
    if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
    return viewer;
  };
}

function verify(token: string, key: KeyObject, algorithms: readonly JwtAlgorithm[]): jwt.JwtPayload {
  try {
    const claims = jwt.verify(token, key, { algorithms: [...algorithms] });
    if (typeof claims === 'object') return claims;
  } catch (error) {
    if (error instanceof jwt.TokenExpiredError) throw new TokenExpiredError('The token has expired.');
    if (error instanceof jwt.NotBeforeError) throw new UnauthenticatedError('The token is not valid yet.');
    if (!(error instanceof jwt.JsonWebTokenError)) throw error;
  }
  throw new UnauthenticatedError('The token does not verify.');
}

function viewerOf(claims: jwt.JwtPayload): Viewer {
  const { sub, exp, tenant_id: tenantId, roles } = claims as Record<string, unknown>;
  if (typeof sub !== 'string' || sub === '') throw new UnauthenticatedError('The token names no subject (sub).');
  if (typeof exp !== 'number') throw new UnauthenticatedError('The token never expires (no exp).');
  if (typeof tenantId !== 'string' || tenantId === '')
    throw new UnauthenticatedError('The token names no tenant (tenant_id).');
  if (!Array.isArray(roles) || !roles.every((role): role is string => typeof role === 'string')) {
    throw new UnauthenticatedError('The token has no list of roles (roles).');
  }
  return { subject: sub, tenantId, roles, isOperator: roles.includes(OPERATOR), expiresAt: exp };
}
