/** What Postgres takes in no text: NUL, and halves of surrogate pairs; here as JSON spells them. */
const UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/** The text without what Postgres would refuse each time that it is written. */
export function storableText(text: string): string {
  return text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
}

/** As JSON.stringify; a step's output, a note or a message can hold whatever the other side answered. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  return UNSTORABLE.test(json) ? JSON.stringify(cleaned(JSON.parse(json))) : json;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [storableText(key), cleaned(each)]));
}
