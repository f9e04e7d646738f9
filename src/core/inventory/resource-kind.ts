interface KindDefinition {
  /** What an operator calls one of this kind, as "reserved IP". */
  readonly noun: string;
  /** The one provider kind that is stored, so that a resource known by two names is still one resource. */
  readonly providerKind: string;
  /** The provider's types in URNs (`do:<type>:<id>`) that are this kind. */
  readonly urnTypes: readonly string[];
}

/** Every kind, in the order of the API's enum. */
export const KIND_DEFINITIONS = {
  droplet: { noun: 'droplet', providerKind: 'droplet', urnTypes: ['droplet'] },
  droplet_backup: { noun: 'droplet backup', providerKind: 'backup', urnTypes: [] },
  snapshot: { noun: 'snapshot', providerKind: 'snapshot', urnTypes: ['snapshot', 'volumesnapshot', 'image'] },
  volume: { noun: 'volume', providerKind: 'volume', urnTypes: ['volume'] },
  floating_ip: { noun: 'reserved IP', providerKind: 'floatingip', urnTypes: ['floatingip', 'reservedip'] },
  firewall: { noun: 'firewall', providerKind: 'firewall', urnTypes: ['firewall'] },
  load_balancer: { noun: 'load balancer', providerKind: 'loadbalancer', urnTypes: ['loadbalancer'] },
  dns_zone: { noun: 'DNS zone', providerKind: 'domain', urnTypes: ['domain'] },
  spaces_bucket: { noun: 'Spaces bucket', providerKind: 'space', urnTypes: ['space'] },
  managed_db: { noun: 'database cluster', providerKind: 'dbaas', urnTypes: ['dbaas'] },
  k8s_cluster: { noun: 'Kubernetes cluster', providerKind: 'kubernetes', urnTypes: ['kubernetes'] },
  app: { noun: 'app', providerKind: 'app', urnTypes: ['app'] },
  vpc: { noun: 'VPC', providerKind: 'vpc', urnTypes: ['vpc'] },
  /** Of a URN type that this version does not know; such a row stores the provider's own type. */
  other: { noun: 'resource', providerKind: 'other', urnTypes: [] },
} as const satisfies Readonly<Record<string, KindDefinition>>;

/** What a resource is. Stored in lower case; GraphQL shows the same in upper case. */
export type ResourceKind = keyof typeof KIND_DEFINITIONS;
export const RESOURCE_KINDS: readonly ResourceKind[] = Object.keys(KIND_DEFINITIONS) as ResourceKind[];
