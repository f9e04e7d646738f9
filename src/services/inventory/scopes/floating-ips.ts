import { PROVIDER_KIND } from '../../../core/inventory/urn.js';
import type { FloatingIp } from '../../../integrations/digitalocean/floating-ips.js';
import { listScope } from './list-scope.js';

/** Reserved IPs are the same thing renamed; the address is the id. */
export const floatingIps = listScope<FloatingIp>({
  scope: 'floating_ips',
  kind: 'floating_ip',
  list: '/v2/floating_ips',
  pages: (digitalOcean, signal) => digitalOcean.floatingIps.pages({ signal }),
  normalize: (floatingIp) => ({
    kind: 'floating_ip',
    providerKind: PROVIDER_KIND.floating_ip,
    providerId: floatingIp.ip,
    name: floatingIp.ip,
    status: floatingIp.droplet ? 'assigned' : 'unassigned',
    region: floatingIp.region.slug,
    tags: [],
    attrs: { droplet_id: floatingIp.droplet?.id ?? null, locked: floatingIp.locked },
  }),
});
