/** The first eight characters of a saga's id, unique among sagas: by them a saga finds what it created at the provider. */
const short = (sagaId: string): string => sagaId.slice(0, 8);

export const MANAGED_TAG = 'managed-by-arcadia-cloud';

export function sagaTag(sagaId: string): string {
  return `arcadia-saga-${short(sagaId)}`;
}

export function snapshotName(dropletId: string, sagaId: string): string {
  return `arcadia-snap-${dropletId}-${short(sagaId)}`;
}
