import { PROVIDER_KIND } from '../../../core/inventory/urn.js';
import type { Firewall } from '../../../integrations/digitalocean/firewalls.js';
import { listScope } from './list-scope.js';

export const firewalls = listScope<Firewall>({
  scope: 'firewalls',
  kind: 'firewall',
  list: '/v2/firewalls',
  pages: (digitalOcean, signal) => digitalOcean.firewalls.pages({ signal }),
  normalize: (firewall) => ({
    kind: 'firewall',
    providerKind: PROVIDER_KIND.firewall,
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
