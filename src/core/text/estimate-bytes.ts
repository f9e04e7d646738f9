/** An object or array of its own, and each of its fields. */
const OBJECT_BYTES = 32;
const FIELD_BYTES = 16;

/** About what a tree of plain values takes in memory, in bytes: for the bounds of caches, not for sums. */
export function estimateBytes(value: unknown): number {
  if (typeof value === 'string') return OBJECT_BYTES + 2 * value.length;
  if (typeof value !== 'object' || value === null) return FIELD_BYTES;
  let bytes = OBJECT_BYTES;
  if (Array.isArray(value)) {
    for (const item of value) bytes += FIELD_BYTES + estimateBytes(item);
    return bytes;
  }
  for (const key in value) bytes += FIELD_BYTES + estimateBytes((value as Record<string, unknown>)[key]);
  return bytes;
}
