import { mirrorProjects } from '../mirror-projects.js';
import type { SyncScopeDefinition } from '../sync-scope.js';

/** Projects and their members; the members' rows only of kinds that no scope of their own lists. */
export const projects: SyncScopeDefinition = {
  scope: 'projects',
  ages: ['spaces_bucket', 'managed_db', 'k8s_cluster', 'app', 'other'],
  pages: (_digitalOcean, signal, { app, run }) => mirrorProjects(app, run, signal),
};
