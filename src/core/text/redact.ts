import { storableText } from './storable-text.js';

/** Characters of a foreign text that are kept; what is longer is cut before it is looked at. */
const MAX_TEXT_LENGTH = 1_000;
const SECRET = '[secret]';

/** Credentials by their form, wherever they stand in a text. */
const CREDENTIALS: readonly [RegExp, string][] = [
  [/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@]{1,500}@/gi, `$1${SECRET}@`],
  [/\b(Bearer|Basic)\s+[^\s"',;]+/gi, `$1 ${SECRET}`],
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, SECRET],
  [/\bdo[a-z]_v1_\w+/g, SECRET],
  [/\b(password|passwd|secret|token|api[_-]?key)(["']?\s*[=:]\s*["']?)(?!\[secret\])[^\s"'&,;]+/gi, `$1$2${SECRET}`],
];

/** A text of somebody else, fit for logs, rows and operators: bounded, storable and without credentials. */
export function redacted(text: string, maxLength = MAX_TEXT_LENGTH): string {
  // A credential that the cut splits would not be recognized, so more is read than is kept.
  let result = storableText(text.slice(0, 2 * maxLength + 2_000));
  for (const [pattern, replacement] of CREDENTIALS) result = result.replace(pattern, replacement);
  return result.length > maxLength ? `${storableText(result.slice(0, maxLength))}…` : result;
}

/** What is recorded of anything that was thrown. */
export function errorText(error: unknown): string {
  return redacted(error instanceof Error ? error.message : String(error));
}

const PROVIDER_TEXTS: readonly [RegExp, string][] = [
  [/DigitalOcean (?:rejected|refused) [A-Z]+ \S+: (\d{3})[\s\S]*/, 'the provider rejected the request (status $1)'],
  [/DigitalOcean did not answer [\s\S]*/, 'the provider did not answer'],
  [/DigitalOcean's answer to [\s\S]*/, "the provider's answer could not be read"],
];

/** An error text as a tenant sees it: what happened, without what the provider said or how it was asked. */
export function tenantText(text: string): string {
  return PROVIDER_TEXTS.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text);
}

/** The URL without user name and password: they never go into a request, where errors would repeat them. */
export function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}
