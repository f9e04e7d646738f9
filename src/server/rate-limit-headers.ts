import type { ServerResponse } from 'node:http';
import type { RateLimitState } from './rate-limit.js';

/** The fields of draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it for how many seconds. */
export function setRateLimitHeaders(res: ServerResponse, { limit, remaining, resetSeconds }: RateLimitState): void {
  res.setHeader('ratelimit-policy', `"subject";q=${limit};w=60`);
  res.setHeader('ratelimit', `"subject";r=${remaining};t=${resetSeconds}`);
}
