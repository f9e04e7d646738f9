/** What Postgres keeps in no text: NUL, and halves of surrogate pairs; here as JSON writes them. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;
const LONE_SURROGATE = /\p{Surrogate}/u;

/** What is wrong with a text that Postgres cannot keep; null: nothing. */
export function storableProblem(text: string): string | null {
  if (text.includes('\0')) return 'holds a zero character';
  return LONE_SURROGATE.test(text) ? 'holds half of a surrogate pair' : null;
}

/** The text with a replacement character for each one that Postgres cannot keep. */
export function storableText(text: string): string {
  return storableProblem(text) === null ? text : text.replaceAll('\0', '\ufffd').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** As JSON.stringify, for a jsonb column. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(storable(JSON.parse(json))) : json;
}

/** A JSON value with every text and every key made storable. */
export function storable(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), storable(each)]));
}
