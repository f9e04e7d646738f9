import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import { ProviderError } from '../../../errors.js';
import type { DigitalOceanClient } from '../../../integrations/digitalocean/client.js';
import type { Droplet } from '../../../integrations/digitalocean/droplets.js';
import type { DropletImage } from '../../../integrations/digitalocean/snapshots.js';
import type { ObservedResource } from '../observe.js';
import type { ListedPage, SyncScopeDefinition } from '../sync-scope.js';

/**
 * Backups are listed beneath their droplet alone. Every droplet that the provider has is asked, one that is off too: its
 * backups are kept and billed, and an unasked droplet would look as if they were gone.
 */
export const backups: SyncScopeDefinition = {
  queue: 'cloud_sync_slow',
  ages: ['droplet_backup'],
  async *pages(digitalOcean, signal) {
    for (const type of ['droplets', 'gpus'] as const) {
      for await (const page of digitalOcean.droplets.pages({ type }, { signal })) {
        const list = `/v2/droplets?type=${type}`;
        yield { list, resources: [], listedIds: page.items.map((droplet) => droplet.id), total: page.total };
        for (const droplet of page.items) yield* backupsOf(digitalOcean, droplet, signal);
      }
    }
  },
};

async function* backupsOf(
  digitalOcean: DigitalOceanClient,
  droplet: Droplet,
  signal: AbortSignal,
): AsyncGenerator<ListedPage> {
  const list = `/v2/droplets/${droplet.id}/backups`;
  try {
    for await (const { items, total } of digitalOcean.droplets.backups(droplet.id, { signal })) {
      yield { list, resources: items.map((backup) => normalizeBackup(droplet, backup)), total };
    }
  } catch (error) {
    if (!(error instanceof ProviderError) || error.failure.status !== 404) throw error;
    yield { list, resources: [], total: null, gap: `${list} answered 404: the droplet went away meanwhile` };
  }
}

function normalizeBackup(droplet: Droplet, backup: DropletImage): ObservedResource {
  return {
    kind: 'droplet_backup',
    providerKind: KIND_DEFINITIONS.droplet_backup.providerKind,
    providerId: backup.id,
    name: backup.name,
    status: null,
    region: backup.regions[0] ?? null,
    tags: [],
    attrs: {
      droplet_id: droplet.id,
      size_gigabytes: backup.size_gigabytes,
      min_disk_size: backup.min_disk_size,
      created_at: backup.created_at,
    },
  };
}
