import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { Snapshot } from '../../../integrations/digitalocean/snapshots.js';
import { listScope } from './list-scope.js';

/** Snapshots of droplets and of volumes; `attrs.resource_type` tells which. */
export const snapshots = listScope<Snapshot>({
  queue: 'cloud_sync_slow',
  kind: 'snapshot',
  list: '/v2/snapshots',
  pages: (digitalOcean, signal) => digitalOcean.snapshots.pages({}, { signal }),
  normalize: (snapshot) => ({
    kind: 'snapshot',
    providerKind: KIND_DEFINITIONS.snapshot.providerKind,
    providerId: snapshot.id,
    name: snapshot.name,
    status: null,
    region: snapshot.regions[0] ?? null,
    tags: snapshot.tags,
    attrs: {
      resource_type: snapshot.resource_type,
      resource_id: snapshot.resource_id,
      size_gigabytes: snapshot.size_gigabytes,
      min_disk_size: snapshot.min_disk_size,
      regions: [...snapshot.regions].sort(),
      created_at: snapshot.created_at,
    },
  }),
});
