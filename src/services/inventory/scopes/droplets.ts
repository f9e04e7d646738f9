import type { DigitalOceanClient } from '../../../integrations/digitalocean/client.js';
import type { Droplet } from '../../../integrations/digitalocean/droplets.js';
import type { ObservedResource } from '../observe.js';
import type { ListedPage, SyncScopeDefinition } from '../sync-scope.js';
import { normalizeDroplet } from './normalize-droplet.js';

export const droplets: SyncScopeDefinition = {
  queue: 'cloud_sync_full',
  ages: ['droplet'],
  pages: (digitalOcean, signal) => dropletPages(digitalOcean, signal, normalizeDroplet),
};

/** The plain list leaves GPU droplets out, so they are asked for by themselves. */
export async function* dropletPages(
  digitalOcean: DigitalOceanClient,
  signal: AbortSignal,
  normalize: (droplet: Droplet) => ObservedResource,
): AsyncGenerator<ListedPage> {
  for await (const { items, total } of digitalOcean.droplets.pages({}, { signal })) {
    yield { list: '/v2/droplets', resources: items.map(normalize), total };
  }
  for await (const { items, total } of digitalOcean.droplets.pages({ type: 'gpus' }, { signal })) {
    yield { list: '/v2/droplets?type=gpus', resources: items.map(normalize), total };
  }
}
