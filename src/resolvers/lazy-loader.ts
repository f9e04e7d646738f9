import DataLoader from 'dataloader';

export interface Loader<Key, Row> {
  load(key: Key): Promise<Row | null>;
}

/** A loader of rows by key, made at its first use. */
export function lazy<Key, Row>(
  find: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key | null,
): Loader<Key, Row> {
  let loader: DataLoader<Key, Row | null> | null = null;
  return {
    load(key) {
      loader ??= new DataLoader<Key, Row | null>(
        async (keys) => {
          const byKey = new Map((await find(keys)).map((row) => [keyOf(row), row] as const));
          return keys.map((each) => byKey.get(each) ?? null);
        },
        { maxBatchSize: 1_000 },
      );
      return loader.load(key);
    },
  };
}

/** One loader for each set of arguments, which are plain JSON. */
export function byArguments<Arguments extends readonly unknown[], Made>(
  make: (...values: Arguments) => Made,
): (...values: Arguments) => Made {
  const made = new Map<string, Made>();
  return (...values) => {
    const key = JSON.stringify(values);
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(...values);
    made.set(key, fresh);
    return fresh;
  };
}
