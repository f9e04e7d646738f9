import { registerEnumType } from 'type-graphql';
import { RESOURCE_KINDS } from '../core/inventory/resource-kind.js';
import { SYNC_SCOPES } from '../core/inventory/sync-scope.js';
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
  values: { OTHER: 'A URN type that this version does not know; `providerKind` holds it.' },
});
export const ResourceEventTypeEnum = enumOf('ResourceEventType', RESOURCE_EVENT_TYPES);
export const SyncScopeEnum = enumOf('SyncScope', SYNC_SCOPES);
export const SyncRunStatusEnum = enumOf('SyncRunStatus', SYNC_RUN_STATUSES);

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
export const SyncEventTypeEnum = enumOf('SyncEventType', SYNC_EVENT_TYPES);
