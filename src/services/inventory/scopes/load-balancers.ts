import { PROVIDER_KIND } from '../../../core/inventory/urn.js';
import type { LoadBalancer } from '../../../integrations/digitalocean/load-balancers.js';
import { listScope } from './list-scope.js';

export const loadBalancers = listScope<LoadBalancer>({
  scope: 'load_balancers',
  kind: 'load_balancer',
  list: '/v2/load_balancers',
  pages: (digitalOcean, signal) => digitalOcean.loadBalancers.pages({ signal }),
  normalize: (loadBalancer) => ({
    kind: 'load_balancer',
    providerKind: PROVIDER_KIND.load_balancer,
    providerId: loadBalancer.id,
    name: loadBalancer.name,
    status: loadBalancer.status,
    region: loadBalancer.region?.slug ?? null,
    tags: loadBalancer.tag === null || loadBalancer.tag === '' ? [] : [loadBalancer.tag],
    attrs: {
      ip: loadBalancer.ip === '' ? null : loadBalancer.ip,
      algorithm: loadBalancer.algorithm,
      size: loadBalancer.size,
      size_unit: loadBalancer.size_unit,
      type: loadBalancer.type,
      forwarding_rules: loadBalancer.forwarding_rules,
      droplet_ids: [...loadBalancer.droplet_ids].sort(),
      created_at: loadBalancer.created_at,
    },
  }),
});
