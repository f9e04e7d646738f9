/** Characters that are written as JSON before other requests get a turn: 0.5 to 2 ms, by what they hold. */
export const LENGTH_PER_TURN = 250_000;
/** A value with fewer values within it and a shorter text than LENGTH_PER_TURN is written in one piece. */
const MAX_SMALL_VALUES = 2_000;
/** Values that are counted before other requests get a turn. */
const VALUES_PER_TURN = 20_000;
/** Quotes, colon and comma around a name and its value. */
const PUNCTUATION = 4;

/** Whether a value is written as JSON in a millisecond or two. Looks at a bounded part of it. */
export function isSmall(value: unknown): boolean {
  let [values, length] = [0, 0];
  const fits = (inner: unknown): boolean => {
    values += 1;
    if (typeof inner === 'string') length += inner.length;
    if (values > MAX_SMALL_VALUES || length > LENGTH_PER_TURN) return false;
    if (typeof inner !== 'object' || inner === null) return true;
    for (const key in inner) if (!fits((inner as Record<string, unknown>)[key])) return false;
    return true;
  };
  return fits(value);
}

/**
 * Whether the JSON of a value is longer than `limit` characters, escapes left out of account. Other requests get a turn
 * while a large value is measured.
 */
export async function isLongerThan(value: unknown, limit: number): Promise<boolean> {
  let [length, values] = [0, 0];
  const open: unknown[] = [value];
  while (open.length > 0) {
    const inner = open.pop();
    values += 1;
    if (typeof inner === 'string') length += inner.length;
    if (typeof inner === 'object' && inner !== null) {
      const nameless = Array.isArray(inner);
      for (const key in inner) {
        length += PUNCTUATION + (nameless ? 0 : key.length);
        open.push((inner as Record<string, unknown>)[key]);
      }
    }
    if (length > limit) return true;
    if (values % VALUES_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}
