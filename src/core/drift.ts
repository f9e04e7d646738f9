export const DRIFT_STATUSES = ['open', 'accepted', 'reverted', 'stale'] as const;
export type DriftStatus = (typeof DRIFT_STATUSES)[number];

/** The fields of a droplet that can be put back, and by which saga; every other one cannot (spec §4). */
export const REVERT_SAGA = {
  size_slug: 'resize_droplet',
  name: 'rename_droplet',
  tags: 'retag_droplet',
} as const;
export type RevertibleField = keyof typeof REVERT_SAGA;

export function isRevertible(field: string): field is RevertibleField {
  return Object.hasOwn(REVERT_SAGA, field);
}
