import cors from 'cors';

export type OriginCheck = (origin: string) => boolean;

/** `https://*.sky-ai.com` is every host below it, `http://localhost:*` every port of it. */
export function createOriginCheck(patterns: readonly string[]): OriginCheck {
  const allowed = patterns.map((pattern) => {
    const escaped = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    const hosts = escaped.replace('//*', '//[a-z0-9-]+(\\.[a-z0-9-]+)*').replace(/:\*$/, '(:\\d+)?');
    return new RegExp(`^${hosts}$`, 'i');
  });
  return (origin) => allowed.some((pattern) => pattern.test(origin));
}

export function createCors(isAllowed: OriginCheck) {
  return cors({
    origin: (origin, answer) => answer(null, origin === undefined ? false : isAllowed(origin)),
    methods: ['GET', 'POST', 'OPTIONS'],
    allowedHeaders: ['authorization', 'content-type', 'apollo-require-preflight'],
    exposedHeaders: ['ratelimit', 'ratelimit-policy', 'retry-after', 'x-request-id'],
    maxAge: 86_400,
  });
}
