import { LRUCache } from 'lru-cache';

/** An invoice can name more things than should stay in memory. */
const MAX_ENTRIES = 50_000;

/** Results of a computation by its key; the least recently used are forgotten. */
export type BoundedMemo<Key extends {}, Value extends {}> = LRUCache<Key, Value>;

export function createMemo<Key extends {}, Value extends {}>(): BoundedMemo<Key, Value> {
  return new LRUCache({ max: MAX_ENTRIES });
}

/** The result for this key, computed unless the memo has it. */
export function remember<Key extends {}, Value extends {}>(
  memo: BoundedMemo<Key, Value>,
  key: Key,
  compute: () => Value,
): Value {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const value = compute();
  memo.set(key, value);
  return value;
}
