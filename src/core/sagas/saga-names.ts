/** How a saga knows again what it made at the provider: by its first eight characters, which no other saga has. */
const short = (sagaId: string): string => sagaId.slice(0, 8);

export const MANAGED_TAG = 'managed-by-arcadia-cloud';

export function sagaTag(sagaId: string): string {
  return `arcadia-saga-${short(sagaId)}`;
}

export function snapshotName(dropletId: string, sagaId: string): string {
  return `arcadia-snap-${dropletId}-${short(sagaId)}`;
}
