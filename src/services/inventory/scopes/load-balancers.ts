import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { LoadBalancer } from '../../../integrations/digitalocean/load-balancers.js';
import { listScope } from './list-scope.js';

export const loadBalancers = listScope<LoadBalancer>({
  queue: 'cloud_sync_full',
  kind: 'load_balancer',
  list: '/v2/load_balancers',
  pages: (digitalOcean, signal) => digitalOcean.loadBalancers.pages({ signal }),
  normalize: (loadBalancer) => ({
    kind: 'load_balancer',
    providerKind: KIND_DEFINITIONS.load_balancer.providerKind,
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
