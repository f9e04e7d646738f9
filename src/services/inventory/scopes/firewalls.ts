import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { Firewall } from '../../../integrations/digitalocean/firewalls.js';
import { listScope } from './list-scope.js';

export const firewalls = listScope<Firewall>({
  queue: 'cloud_sync_full',
  kind: 'firewall',
  list: '/v2/firewalls',
  pages: (digitalOcean, signal) => digitalOcean.firewalls.pages({ signal }),
  normalize: (firewall) => ({
    kind: 'firewall',
    providerKind: KIND_DEFINITIONS.firewall.providerKind,
    providerId: firewall.id,
    name: firewall.name,
    status: firewall.status,
    region: null,
    tags: firewall.tags,
    attrs: {
      inbound_rules: firewall.inbound_rules,
      outbound_rules: firewall.outbound_rules,
      droplet_ids: [...firewall.droplet_ids].sort(),
      created_at: firewall.created_at,
    },
  }),
});
