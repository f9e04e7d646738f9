import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.js';
import { isEncrypted } from './client-address.js';

/** No answer but a page of ours is ever rendered; those set a policy of their own instead of this one. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'";
const YEAR_SECONDS = 31_536_000;

/** Sets on every answer what keeps a browser from guessing its type, framing it, or coming back unencrypted. */
export function setSecurityHeaders(config: Config, req: IncomingMessage, res: ServerResponse): void {
  res.setHeader('content-security-policy', NOTHING);
  res.setHeader('x-content-type-options', 'nosniff');
  res.setHeader('referrer-policy', 'no-referrer');
  if (config.production || isEncrypted(req, config.http.trustedProxies)) {
    res.setHeader('strict-transport-security', `max-age=${YEAR_SECONDS}`);
  }
}
