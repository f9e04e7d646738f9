import { createSecretKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config.js';
import type { Viewer } from '../context.js';
import { OPERATOR } from '../core/access/roles.js';
import { storableProblem } from '../core/text/storable-text.js';
import { UnauthenticatedError } from '../errors.js';

/** `Bearer …` to the viewer. Throws UnauthenticatedError, which says what is wrong and never repeats the token. */
export type Authenticate = (authorization: string | null | undefined) => Viewer;

/** The token ran out, rather than being wrong: the socket answers it with another close code. */
export class TokenExpiredError extends UnauthenticatedError {}

/** Longer than any token of ours; what is longer is rejected unread. */
export const MAX_AUTHORIZATION_BYTES = 8_192;
/** Of a subject or tenant. */
const MAX_NAME_LENGTH = 255;
/** Verified tokens that are remembered: some 8,000 of the usual length. */
const MAX_REMEMBERED_BYTES = 8_000_000;
/** An entry of the cache and its viewer, without their texts. */
const ENTRY_BYTES = 400;

/**
 * Verifies with the shared secret; an algorithm that is not listed is rejected, `none` always. A token that names other
 * audiences than ours is rejected, whatever else it says: it was signed for somebody else. A token that verified is not
 * verified again until it expires: the check of its signature costs a quarter of a short query.
 */
export function createAuthenticate(secret: string, accepted: Omit<Config['jwt'], 'secret'>): Authenticate {
  const key: KeyObject = createSecretKey(Buffer.from(secret));
  /** By the token alone: spaces and letter case around it make no other entry. */
  const viewers = new LRUCache<string, Viewer>({ maxSize: MAX_REMEMBERED_BYTES });
  return (authorization) => {
    if (!authorization) throw new UnauthenticatedError('Send a token: authorization: Bearer <JWT>.');
    const token = tokenOf(authorization);
    const known = viewers.get(token);
    if (known && Math.floor(Date.now() / 1_000) < known.expiresAt) return known;
    viewers.delete(token);
    const claims = verify(token, key, accepted.algorithms);
    checkAudience(claims, accepted);
    checkIssuer(claims, accepted);
    const viewer = viewerOf(claims);
    // The token is a slice of the whole header, which it keeps in memory.
    viewers.set(token, viewer, { size: ENTRY_BYTES + 2 * authorization.length + bytesOf(viewer) });
    return viewer;
  };
}

function tokenOf(authorization: string): string {
  if (authorization.length > MAX_AUTHORIZATION_BYTES) {
    throw new UnauthenticatedError(`The authorization is longer than ${MAX_AUTHORIZATION_BYTES} bytes.`);
  }
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (token === undefined) throw new UnauthenticatedError('The authorization header is not of the form: Bearer <JWT>.');
  return token;
}

function bytesOf({ subject, tenantId, roles }: Viewer): number {
  return 2 * roles.reduce((sum, role) => sum + role.length + 16, subject.length + tenantId.length);
}

function verify(token: string, key: KeyObject, algorithms: Config['jwt']['algorithms']): jwt.JwtPayload {
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

function checkAudience(claims: jwt.JwtPayload, { audience, requireAudience }: Omit<Config['jwt'], 'secret'>): void {
  const named: unknown = claims.aud;
  if (named === undefined && !requireAudience) return;
  const audiences: readonly unknown[] = Array.isArray(named) ? named : [named];
  if (!audiences.includes(audience))
    throw new UnauthenticatedError(`The token is not for this service (aud is not ${audience}).`);
}

function checkIssuer({ iss }: jwt.JwtPayload, { issuers }: Omit<Config['jwt'], 'secret'>): void {
  if (issuers === null || (typeof iss === 'string' && issuers.includes(iss))) return;
  throw new UnauthenticatedError('The token is of an issuer that is not accepted (iss).');
}

/** Subject and tenant are stored in rows and indexes: a text that cannot be stored there is no name. */
function isName(claim: unknown): claim is string {
  return (
    typeof claim === 'string' && claim !== '' && claim.length <= MAX_NAME_LENGTH && storableProblem(claim) === null
  );
}

function viewerOf(claims: jwt.JwtPayload): Viewer {
  const { sub, exp, tenant_id: tenantId, roles } = claims as Record<string, unknown>;
  if (!isName(sub)) throw new UnauthenticatedError('The token names no subject (sub).');
  if (typeof exp !== 'number') throw new UnauthenticatedError('The token never expires (no exp).');
  if (!isName(tenantId)) throw new UnauthenticatedError('The token names no tenant (tenant_id).');
  if (!Array.isArray(roles) || !roles.every((role): role is string => typeof role === 'string')) {
    throw new UnauthenticatedError('The token has no list of roles (roles).');
  }
  return { subject: sub, tenantId, roles, isOperator: roles.includes(OPERATOR), expiresAt: exp };
}
