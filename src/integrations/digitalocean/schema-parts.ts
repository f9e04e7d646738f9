import { z } from 'zod';

/** The same id is an integer on one endpoint and text on another: ours are always text. */
export const Id = z.union([z.string().min(1), z.int()]).transform(String);

/** Absent and null both read as null. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullable().default(null as never);
}

/** Absent and null both read as the empty list, which is what the provider means by them. */
export function list<T extends z.ZodType>(schema: T) {
  return z
    .array(schema)
    .nullish()
    .transform((items) => items ?? []);
}

/** Dollars as the provider writes them, "12.34" or "-15.80". It stays text: no float holds money. */
export const Amount = z.string().regex(/^-?\d+(\.\d+)?$/);

export const RegionRef = z.object({ slug: z.string() });
