import { storableText } from '../../core/text/storable-text.js';

/** Bytes of JSON that one entry holds of its inputs. */
export const MAX_INPUT_BYTES = 8_000;
const MAX_DEPTH = 8;
const SECRET = /token|secret|password|authorization|private_?key/i;

interface Limits {
  readonly text: number;
  /** A longer list is recorded as its length: the rows that it made show the rest. */
  readonly list: number;
}

/** From lenient to strict; the first whose result fits into MAX_INPUT_BYTES is used. */
const LIMITS: readonly Limits[] = [
  { text: 2_000, list: 100 },
  { text: 200, list: 10 },
  { text: 50, list: 0 },
];

/** A mutation's inputs as JSON for its audit entry: without secrets, and cut to `MAX_INPUT_BYTES`. */
export function auditedInputs(inputs: Readonly<Record<string, unknown>>): string {
  for (const limits of LIMITS) {
    const json = JSON.stringify(summarized(inputs, limits, 0));
    if (Buffer.byteLength(json) <= MAX_INPUT_BYTES) return json;
  }
  return JSON.stringify({ '(cut)': Object.keys(inputs).slice(0, 50) });
}

function summarized(value: unknown, limits: Limits, depth: number): unknown {
  if (typeof value === 'string') return clipped(value, limits.text);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '(nested deeper)';
  if (Array.isArray(value)) {
    if (value.length > limits.list) return `(${value.length} items)`;
    return value.map((item) => summarized(item, limits, depth + 1));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      clipped(key, limits.text),
      SECRET.test(key) ? '[secret]' : summarized(inner, limits, depth + 1),
    ]),
  );
}

function clipped(text: string, maxLength: number): string {
  return storableText(text.length > maxLength ? `${text.slice(0, maxLength)}… (${text.length} characters)` : text);
}
