import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { Vpc } from '../../../integrations/digitalocean/vpcs.js';
import { listScope } from './list-scope.js';

export const vpcs = listScope<Vpc>({
  queue: 'cloud_sync_full',
  kind: 'vpc',
  list: '/v2/vpcs',
  pages: (digitalOcean, signal) => digitalOcean.vpcs.pages({ signal }),
  normalize: (vpc) => ({
    kind: 'vpc',
    providerKind: KIND_DEFINITIONS.vpc.providerKind,
    providerId: vpc.id,
    name: vpc.name,
    status: null,
    region: vpc.region,
    tags: [],
    attrs: {
      description: vpc.description,
      ip_range: vpc.ip_range,
      is_default: vpc.default,
      created_at: vpc.created_at,
    },
  }),
});
