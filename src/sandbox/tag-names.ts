import type { Account } from './account.js';
import { unprocessable } from './answers.js';

const TAG = /^[\p{L}\p{N}_:-]{1,255}$/u;

/** The tag as it was first written: case does not tell two apart. */
export function findTag({ tags }: Account, name: string): string | undefined {
  return Object.keys(tags).find((tag) => isSameTag(tag, name));
}

export function isSameTag(one: unknown, other: string): boolean {
  return String(one).toLowerCase() === other.toLowerCase();
}

/** Makes sure that every tag of the list exists, and answers them as they are written. */
export function ensureTags(account: Account, given: unknown): string[] {
  const names = given ?? [];
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string' || !TAG.test(name)))
    throw unprocessable('Tags may hold letters, numbers, _, - and : alone.');
  const known = (names as string[]).map((name) => {
    const tag = findTag(account, name) ?? name;
    account.tags[tag] ??= { name: tag };
    return tag;
  });
  return [...new Set(known)];
}
