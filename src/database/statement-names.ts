import { createHash } from 'node:crypto';

/** Distinct texts that become prepared statements; each takes memory in every connection of the server. */
const MAX_PREPARED = 500;
const MAX_TEXT_LENGTH = 20_000;

/**
 * Names statements by a hash of their text: behind a pooler that shares server connections, a name must mean the same
 * statement in every process and every release. Null past MAX_PREPARED texts, and for a very long one: send those unprepared.
 */
export function createStatementNames(): (text: string) => string | null {
  const names = new Map<string, string>();
  return (text) => {
    const known = names.get(text);
    if (known !== undefined) return known;
    if (names.size >= MAX_PREPARED || text.length > MAX_TEXT_LENGTH) return null;
    const name = `s_${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`;
    names.set(text, name);
    return name;
  };
}
