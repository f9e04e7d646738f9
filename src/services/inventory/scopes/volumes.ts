import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { Volume } from '../../../integrations/digitalocean/volumes.js';
import { listScope } from './list-scope.js';

export const volumes = listScope<Volume>({
  queue: 'cloud_sync_full',
  kind: 'volume',
  list: '/v2/volumes',
  pages: (digitalOcean, signal) => digitalOcean.volumes.pages({ signal }),
  normalize: (volume) => ({
    kind: 'volume',
    providerKind: KIND_DEFINITIONS.volume.providerKind,
    providerId: volume.id,
    name: volume.name,
    status: volume.droplet_ids.length > 0 ? 'attached' : 'available',
    region: volume.region.slug,
    tags: volume.tags,
    attrs: {
      size_gigabytes: volume.size_gigabytes,
      droplet_ids: [...volume.droplet_ids].sort(),
      filesystem_type: volume.filesystem_type,
      filesystem_label: volume.filesystem_label,
      created_at: volume.created_at,
    },
  }),
});
