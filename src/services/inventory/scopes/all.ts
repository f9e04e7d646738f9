import type { SyncScope } from '../../../core/inventory/sync-scope.js';
import type { SyncScopeDefinition } from '../sync-scope.js';
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

const definitions: readonly SyncScopeDefinition[] = [
  projects,
  droplets,
  dropletStatus,
  domains,
  volumes,
  snapshots,
  backups,
  floatingIps,
  firewalls,
  loadBalancers,
  spaces,
];
const byScope = new Map(definitions.map((definition) => [definition.scope, definition]));

export function scopeDefinition(scope: SyncScope): SyncScopeDefinition {
  const definition = byScope.get(scope);
  if (!definition) throw new Error(`no definition of scope ${scope}`);
  return definition;
}
