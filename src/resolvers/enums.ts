import { registerEnumType } from 'type-graphql';
import { RESOURCE_KINDS, type ResourceKind } from '../core/inventory/resource-kind.js';
import { SYNC_SCOPES, type SyncScope } from '../core/inventory/sync-scope.js';
import { RESOURCE_EVENT_TYPES } from '../entities/cloud-resource-event.js';
import { SYNC_RUN_STATUSES } from '../entities/sync-run.js';

type Values<T extends string> = { readonly [Value in T as Uppercase<Value>]: Value };

interface EnumOptions<T extends string> {
  readonly description?: string;
  readonly values?: Partial<Record<Uppercase<T>, string>>;
}

/** A GraphQL enum of lower-case values that core and tables use: 'dns_zone' is DNS_ZONE in the API. */
export function enumOf<T extends string>(
  name: string,
  values: readonly T[],
  { description, values: described = {} }: EnumOptions<T> = {},
): Values<T> {
  const names = Object.fromEntries(values.map((value) => [value.toUpperCase(), value])) as Values<T>;
  const valuesConfig = Object.fromEntries(
    Object.entries(described).map(([value, text]) => [value, { description: text as string }]),
  );
  registerEnumType(names, { name, ...(description ? { description } : {}), valuesConfig: valuesConfig as never });
  return names;
}

export const ResourceKindEnum = enumOf('ResourceKind', RESOURCE_KINDS, {
  description: "What a resource of the provider's account is.",
  values: {
    DROPLET: 'A virtual machine.',
    DROPLET_BACKUP: 'An automatic backup of a droplet.',
    SNAPSHOT: 'A snapshot of a droplet or a volume, taken on request.',
    VOLUME: 'Block storage that attaches to a droplet.',
    FLOATING_IP: 'A reserved address that can move between droplets.',
    FIREWALL: 'Rules for the traffic of droplets.',
    LOAD_BALANCER: 'Spreads traffic over droplets.',
    DNS_ZONE: 'A domain with its records.',
    SPACES_BUCKET: 'A bucket of object storage.',
    MANAGED_DB: 'A database cluster that the provider runs.',
    K8S_CLUSTER: 'A Kubernetes cluster.',
    APP: 'An app on the App Platform.',
    VPC: 'A private network of one region.',
    OTHER: 'A URN type that this version does not know; `providerKind` holds it.',
  } satisfies Record<Uppercase<ResourceKind>, string>,
});
export const ResourceEventTypeEnum = enumOf('ResourceEventType', RESOURCE_EVENT_TYPES, {
  description: 'What happened to a resource.',
  values: {
    DISCOVERED: 'A sync run saw it for the first time.',
    UPDATED: 'At least one field changed; `changes` lists each.',
    DELETED: 'It is gone from the provider; its row stays.',
    RESTORED: 'It is back at the provider after it was gone.',
    TAGGED: 'Its tags changed.',
    DRIFT_DETECTED: 'A field differs from its provisioned spec.',
  },
});
export const SyncScopeEnum = enumOf('SyncScope', SYNC_SCOPES, {
  description: "What one sync run covers of the provider's account.",
  values: {
    PROJECTS: 'Projects and which resources they hold.',
    DROPLETS: 'Droplets, whole.',
    DROPLET_STATUS: 'Status, addresses and size of the known droplets, every minute.',
    DOMAINS: 'DNS zones with their records.',
    VOLUMES: 'Block storage volumes.',
    SNAPSHOTS: 'Snapshots of droplets and volumes.',
    BACKUPS: 'Backups of droplets.',
    FLOATING_IPS: 'Reserved addresses.',
    FIREWALLS: 'Firewalls.',
    LOAD_BALANCERS: 'Load balancers.',
    SPACES: 'Spaces buckets and their sizes.',
    VPCS: 'VPCs, the private networks.',
  } satisfies Record<Uppercase<SyncScope>, string>,
});
export const SyncRunStatusEnum = enumOf('SyncRunStatus', SYNC_RUN_STATUSES, {
  description: 'Where a sync run stands.',
  values: {
    QUEUED: 'Waiting for a worker.',
    RUNNING: 'Pages are being fetched.',
    COMPLETED: 'Every page was fetched.',
    FAILED: 'Stopped by an error; `error` has it.',
  },
});

export const SYNC_EVENT_TYPES = [
  'run_started',
  'page_fetched',
  'resource_discovered',
  'resource_updated',
  'resource_restored',
  'resource_deleted',
  'run_completed',
  'run_failed',
] as const;
export const SyncEventTypeEnum = enumOf('SyncEventType', SYNC_EVENT_TYPES, {
  description: 'What a sync event records.',
  values: {
    RUN_STARTED: 'A worker started the run.',
    PAGE_FETCHED: 'One page of the provider was stored.',
    RESOURCE_DISCOVERED: 'A resource was seen for the first time.',
    RESOURCE_UPDATED: 'A resource changed.',
    RESOURCE_RESTORED: 'A resource that was gone is back.',
    RESOURCE_DELETED: 'A resource is gone from the provider.',
    RUN_COMPLETED: 'The run fetched every page.',
    RUN_FAILED: 'The run stopped by an error.',
  },
});
