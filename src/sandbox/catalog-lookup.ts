import type { Account, WireObject } from './account.js';

/** The region of a slug, or the first one that a prefix such as `nyc` fits. */
export function findRegion({ regions }: Account, slugOrPrefix: unknown): WireObject | undefined {
  if (typeof slugOrPrefix !== 'string' || slugOrPrefix === '') return undefined;
  return (
    regions.find((region) => region['slug'] === slugOrPrefix) ??
    regions.find((region) => String(region['slug']).startsWith(slugOrPrefix))
  );
}

export function findSize({ sizes }: Account, slug: unknown): WireObject | undefined {
  return sizes.find((size) => size['slug'] === slug);
}

export function slugOf(region: unknown): string {
  return String((region as WireObject)['slug']);
}
