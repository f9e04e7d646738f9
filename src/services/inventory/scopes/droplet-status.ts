import type { SyncScopeDefinition } from '../sync-scope.js';
import { dropletPages } from './droplets.js';
import { normalizeDroplet, volatileAttrs } from './normalize-droplet.js';

/** Status, addresses and size of the droplets that are known, every minute; strikes nobody. */
export const dropletStatus: SyncScopeDefinition = {
  scope: 'droplet_status',
  ages: [],
  partial: true,
  pages: (digitalOcean, signal) =>
    dropletPages(digitalOcean, signal, (droplet) => ({ ...normalizeDroplet(droplet), attrs: volatileAttrs(droplet) })),
};
