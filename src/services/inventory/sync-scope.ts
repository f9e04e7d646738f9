import type { App, QueueName } from '../../context.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { SyncRun } from '../../entities/sync-run.js';
import type { DigitalOceanClient } from '../../integrations/digitalocean/client.js';
import type { ObservedResource } from './observe.js';

/** One page of one list of the provider, normalized. */
export interface ListedPage {
  /** Which list, as `/v2/droplets?type=gpus`: a scope may read several. */
  readonly list: string;
  readonly resources: readonly ObservedResource[];
  /** What the list says that it holds in all; null if it does not say. */
  readonly total: number | null;
  /** Ids of everything on the page, if that is more than `resources`. */
  readonly listedIds?: readonly string[];
  /** Why the list is known not to be whole, as "the droplet is gone"; then the run strikes nobody. */
  readonly gap?: string;
}

/** The run that a listing belongs to, for a scope that writes more than resources. */
export interface SyncContext {
  readonly app: Pick<App, 'db' | 'clock' | 'digitalOcean' | 'spaces' | 'config'>;
  readonly run: SyncRun;
}

export type SyncQueueName = Extract<QueueName, `cloud_sync_${string}`>;

/** Lists and normalizes; the runner observes, strikes and appends events. One small file a scope. */
export interface SyncScopeDefinition {
  /** Where its runs wait. `cloud_sync_full` is synced every 15 minutes; scopes of the others have their own schedule. */
  readonly queue: SyncQueueName;
  /** Kinds whose unseen rows get a strike after a complete run; none for a partial view. */
  readonly ages: readonly ResourceKind[];
  readonly partial?: boolean;
  pages(digitalOcean: DigitalOceanClient, signal: AbortSignal, sync: SyncContext): AsyncIterable<ListedPage>;
}
