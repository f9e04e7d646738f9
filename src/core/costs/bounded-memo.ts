/** An invoice can name more things than should stay in memory. */
const MAX_ENTRIES = 50_000;

/** What `compute` once said for this key; all is forgotten when there is too much of it. */
export function remember<Key, Value>(memo: Map<Key, Value>, key: Key, compute: () => Value): Value {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const value = compute();
  if (memo.size >= MAX_ENTRIES) memo.clear();
  memo.set(key, value);
  return value;
}
