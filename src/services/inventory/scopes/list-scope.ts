import type { ResourceKind } from '../../../core/inventory/resource-kind.js';
import type { DigitalOceanClient, Page } from '../../../integrations/digitalocean/client.js';
import type { ObservedResource } from '../observe.js';
import type { SyncQueueName, SyncScopeDefinition } from '../sync-scope.js';

export interface ListScope<Item> {
  readonly queue: SyncQueueName;
  readonly kind: ResourceKind;
  /** The list's path, for events and errors. */
  readonly list: string;
  pages(digitalOcean: DigitalOceanClient, signal: AbortSignal): AsyncIterable<Page<Item>>;
  normalize(item: Item): ObservedResource;
}

/** A scope that reads one list of one kind, as most do. */
export function listScope<Item>({ queue, kind, list, pages, normalize }: ListScope<Item>): SyncScopeDefinition {
  return {
    queue,
    ages: [kind],
    async *pages(digitalOcean, signal) {
      for await (const { items, total } of pages(digitalOcean, signal)) {
        yield { list, resources: items.map(normalize), total };
      }
    },
  };
}
