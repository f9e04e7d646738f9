import type { ResourceKind } from '../../../core/inventory/resource-kind.js';
import { SYNC_SCOPES, type SyncScope } from '../../../core/inventory/sync-scope.js';
import type { SyncQueueName, SyncScopeDefinition } from '../sync-scope.js';
import { backups } from './backups.js';
import { domains } from './domains.js';
import { dropletStatus } from './droplet-status.js';
import { droplets } from './droplets.js';
import { firewalls } from './firewalls.js';
import { floatingIps } from './floating-ips.js';
import { loadBalancers } from './load-balancers.js';
import { projects } from './projects.js';
import { snapshots } from './snapshots.js';
import { spaces } from './spaces.js';
import { volumes } from './volumes.js';
import { vpcs } from './vpcs.js';

/** What each scope does: the one list of them. */
const DEFINITIONS: Readonly<Record<SyncScope, SyncScopeDefinition>> = {
  projects,
  droplets,
  droplet_status: dropletStatus,
  domains,
  volumes,
  snapshots,
  backups,
  floating_ips: floatingIps,
  firewalls,
  load_balancers: loadBalancers,
  spaces,
  vpcs,
};

export function scopeDefinition(scope: SyncScope): SyncScopeDefinition {
  return DEFINITIONS[scope];
}

/** The scopes whose runs wait in that queue. */
export function scopesOfQueue(queue: SyncQueueName): SyncScope[] {
  return SYNC_SCOPES.filter((scope) => DEFINITIONS[scope].queue === queue);
}

/** The scopes that list the resources of any of these kinds in full. */
export function scopesListing(kinds: ReadonlySet<ResourceKind>): SyncScope[] {
  return SYNC_SCOPES.filter((scope) => DEFINITIONS[scope].ages.some((kind) => kinds.has(kind)));
}
