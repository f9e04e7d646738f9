import type { App, Viewer } from '../../context.js';
import { type RowOf, rowOf } from '../../database/row-shape.js';
import { allOf, type Sql, sql } from '../../database/sql.js';
import { CloudProject } from '../../entities/cloud-project.js';
import { isUuid } from '../paging/keyset.js';
import { type PagedList, sortedList } from '../paging/sorted-list.js';
import { PROJECT_COLUMNS } from './project-columns.js';

export const ProjectRow = rowOf(CloudProject, PROJECT_COLUMNS);
export type ProjectRow = RowOf<typeof ProjectRow>;

const projectList = sortedList({
  name: 'list-projects',
  row: ProjectRow,
  select: ProjectRow.columns('project'),
  from: sql`cloud_projects project`,
  keys: [
    { column: 'project.first_seen_at', type: 'instant' },
    { column: 'project.id', type: 'uuid' },
  ],
  direction: 'asc',
});

/** Projects that the viewer may see and that still exist, oldest first. */
export function listProjects(app: Pick<App, 'reads'>, viewer: Viewer): PagedList<ProjectRow> {
  return projectList(app.reads, [sql`project.deleted_at is null`, ...visibleTo(viewer)]);
}

/** Those of the ids that the viewer may see, in any order. */
export async function findProjects(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<ProjectRow[]> {
  const conditions = [sql`project.id = any(${ids.filter(isUuid)}::uuid[])`, ...visibleTo(viewer)];
  return app.reads.many(
    ProjectRow,
    sql`/* find-projects */ select ${ProjectRow.columns('project')} from cloud_projects project
      where ${allOf(conditions)}`,
  );
}

function visibleTo(viewer: Viewer): Sql[] {
  return viewer.isOperator ? [] : [sql`project.tenant_id = ${viewer.tenantId}`];
}
