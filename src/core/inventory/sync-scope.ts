/** What one sync covers. Stored in lower case; GraphQL says the same in upper case. */
export const SYNC_SCOPES = [
  'projects',
  'droplets',
  'droplet_status',
  'domains',
  'volumes',
  'snapshots',
  'backups',
  'floating_ips',
  'firewalls',
  'load_balancers',
  'spaces',
  'vpcs',
] as const;
export type SyncScope = (typeof SYNC_SCOPES)[number];
