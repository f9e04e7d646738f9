import type { IncomingMessage } from 'node:http';
import { ApiError } from './answers.js';

/** Ways to call this machine that no other site can take. */
const OWN_NAMES = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/**
 * The sandbox's own endpoints take no token, so that a page of any site could call them from the developer's browser.
 * Rejects what a browser sends for another origin, and what reached this machine by a name that somebody else may own.
 */
export function rejectForeignPages(req: IncomingMessage, boundTo: string): void {
  const { host = '', origin, 'sec-fetch-site': site } = req.headers;
  const isOwnHost = OWN_NAMES.test(host) || host.replace(/:\d+$/, '') === boundTo;
  const isOwnPage = origin === undefined || origin === `http://${host}`;
  const isOwnSite = site === undefined || site === 'same-origin' || site === 'none';
  if (!isOwnHost || !isOwnPage || !isOwnSite) {
    throw new ApiError(403, 'forbidden', 'The sandbox accepts no requests from pages of other sites.');
  }
}
