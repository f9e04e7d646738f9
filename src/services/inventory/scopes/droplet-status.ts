import type { SyncScopeDefinition } from '../sync-scope.js';
import { dropletPages } from './droplets.js';
import { normalizeDroplet, volatileAttrs } from './normalize-droplet.js';

/** Status, addresses and size of the droplets that are known, every minute; strikes nobody. */
export const dropletStatus: SyncScopeDefinition = {
  queue: 'cloud_sync_fast',
  ages: [],
  partial: true,
  pages: (digitalOcean, signal) =>
    dropletPages(digitalOcean, signal, (droplet) => ({ ...normalizeDroplet(droplet), attrs: volatileAttrs(droplet) })),
};
