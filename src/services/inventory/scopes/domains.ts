import { PROVIDER_KIND } from '../../../core/inventory/urn.js';
import type { Domain } from '../../../integrations/digitalocean/domains.js';
import { listScope } from './list-scope.js';

/** A zone's id is its name. */
export const domains = listScope<Domain>({
  scope: 'domains',
  kind: 'dns_zone',
  list: '/v2/domains',
  pages: (digitalOcean, signal) => digitalOcean.domains.pages({ signal }),
  normalize: (domain) => ({
    kind: 'dns_zone',
    providerKind: PROVIDER_KIND.dns_zone,
    providerId: domain.name,
    name: domain.name,
    status: null,
    region: null,
    tags: [],
    attrs: { ttl: domain.ttl },
  }),
});
