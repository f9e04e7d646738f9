import type { ResourceKind } from '../../../core/inventory/resource-kind.js';
import { mirrorProjects } from '../mirror-projects.js';
import type { SyncScopeDefinition } from '../sync-scope.js';

/** Kinds that the provider lists nowhere but as members of projects, or not in full. Every other kind has its own scope. */
const MEMBER_KINDS: ReadonlySet<ResourceKind> = new Set(['spaces_bucket', 'managed_db', 'k8s_cluster', 'app', 'other']);

/** Projects and their members. Members of kinds that have their own scope get their project here, and their row there. */
export const projects: SyncScopeDefinition = {
  queue: 'cloud_sync_full',
  ages: [...MEMBER_KINDS],
  pages: (_digitalOcean, signal, { app, run }) => mirrorProjects(app, run, MEMBER_KINDS, signal),
};
