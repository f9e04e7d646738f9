import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { FloatingIp } from '../../../integrations/digitalocean/floating-ips.js';
import { listScope } from './list-scope.js';

/** Reserved IPs are the same thing renamed; the address is the id. */
export const floatingIps = listScope<FloatingIp>({
  queue: 'cloud_sync_full',
  kind: 'floating_ip',
  list: '/v2/floating_ips',
  pages: (digitalOcean, signal) => digitalOcean.floatingIps.pages({ signal }),
  normalize: (floatingIp) => ({
    kind: 'floating_ip',
    providerKind: KIND_DEFINITIONS.floating_ip.providerKind,
    providerId: floatingIp.ip,
    name: floatingIp.ip,
    status: floatingIp.droplet ? 'assigned' : 'unassigned',
    region: floatingIp.region.slug,
    tags: [],
    attrs: { droplet_id: floatingIp.droplet?.id ?? null, locked: floatingIp.locked },
  }),
});
