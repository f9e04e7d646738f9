import { isDeepStrictEqual } from 'node:util';

/** The fields of a resource whose change means something; everything else is bookkeeping. */
export interface ResourceFields {
  readonly name: string;
  readonly status: string | null;
  readonly region: string | null;
  readonly tags: readonly string[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** `{ field: { from, to } }`; an attribute's field is `attrs.<key>`. Empty where nothing differs. */
export type ResourceChanges = Record<string, { from: unknown; to: unknown }>;

/** Field by field, `attrs` by its top-level keys and deep below them. An absent attribute counts as null. */
export function diffResource(before: ResourceFields, after: ResourceFields): ResourceChanges {
  const changes: ResourceChanges = {};
  const compare = (field: string, from: unknown, to: unknown) => {
    if (!isDeepStrictEqual(from, to)) changes[field] = { from, to };
  };
  compare('name', before.name, after.name);
  compare('status', before.status, after.status);
  compare('region', before.region, after.region);
  compare('tags', before.tags, after.tags);
  const keys = new Set([...Object.keys(before.attrs), ...Object.keys(after.attrs)]);
  for (const key of [...keys].sort()) compare(`attrs.${key}`, before.attrs[key] ?? null, after.attrs[key] ?? null);
  return changes;
}
