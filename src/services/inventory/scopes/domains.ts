import { KIND_DEFINITIONS } from '../../../core/inventory/resource-kind.js';
import type { Domain } from '../../../integrations/digitalocean/domains.js';
import { listScope } from './list-scope.js';

/** A zone's id is its name. */
export const domains = listScope<Domain>({
  queue: 'cloud_sync_full',
  kind: 'dns_zone',
  list: '/v2/domains',
  pages: (digitalOcean, signal) => digitalOcean.domains.pages({ signal }),
  normalize: (domain) => ({
    kind: 'dns_zone',
    providerKind: KIND_DEFINITIONS.dns_zone.providerKind,
    providerId: domain.name,
    name: domain.name,
    status: null,
    region: null,
    tags: [],
    attrs: { ttl: domain.ttl },
  }),
});
