/** What a resource is. Stored in lower case; GraphQL says the same in upper case. */
export const RESOURCE_KINDS = [
  'droplet',
  'droplet_backup',
  'snapshot',
  'volume',
  'floating_ip',
  'firewall',
  'load_balancer',
  'dns_zone',
  'spaces_bucket',
  'managed_db',
  'k8s_cluster',
  'app',
  'other',
] as const;
export type ResourceKind = (typeof RESOURCE_KINDS)[number];
