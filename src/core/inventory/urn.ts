import type { ResourceKind } from './resource-kind.js';

/** The provider's words for kinds in URNs, and ours. Several of theirs can be one of ours (spec §1). */
const KIND_BY_URN_TYPE: Readonly<Record<string, ResourceKind>> = {
  droplet: 'droplet',
  domain: 'dns_zone',
  volume: 'volume',
  snapshot: 'snapshot',
  volumesnapshot: 'snapshot',
  image: 'snapshot',
  floatingip: 'floating_ip',
  reservedip: 'floating_ip',
  firewall: 'firewall',
  loadbalancer: 'load_balancer',
  space: 'spaces_bucket',
  dbaas: 'managed_db',
  kubernetes: 'k8s_cluster',
  app: 'app',
};

/** The one provider kind that we store for each kind, so that a resource known by two words is still one resource. */
export const PROVIDER_KIND: Readonly<Record<Exclude<ResourceKind, 'other'>, string>> = {
  droplet: 'droplet',
  droplet_backup: 'backup',
  snapshot: 'snapshot',
  volume: 'volume',
  floating_ip: 'floatingip',
  firewall: 'firewall',
  load_balancer: 'loadbalancer',
  dns_zone: 'domain',
  spaces_bucket: 'space',
  managed_db: 'dbaas',
  k8s_cluster: 'kubernetes',
  app: 'app',
};

export interface ResourceIdentity {
  readonly kind: ResourceKind;
  readonly providerKind: string;
  readonly providerId: string;
}

/** `do:droplet:42` as a kind and an id. An unknown type is 'other' with its raw name; so is what is no URN at all, whole. */
export function parseUrn(urn: string): ResourceIdentity {
  const match = /^do:([^:]+):(.+)$/.exec(urn);
  if (!match) return { kind: 'other', providerKind: 'unknown', providerId: urn };
  const type = (match[1] as string).toLowerCase();
  const providerId = match[2] as string;
  const kind = Object.hasOwn(KIND_BY_URN_TYPE, type) ? (KIND_BY_URN_TYPE[type] as ResourceKind) : 'other';
  return { kind, providerKind: kind === 'other' ? (match[1] as string) : PROVIDER_KIND[kind], providerId };
}
