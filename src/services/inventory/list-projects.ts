import type { App, Viewer } from '../../context.js';
import { Parameters } from '../../database/reads.js';
import type { CloudProject } from '../../entities/cloud-project.js';
import {
  decodeCursor,
  encodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';
import { PROJECT_COLUMNS } from './project-columns.js';

export type ProjectRow = Pick<CloudProject, keyof typeof PROJECT_COLUMNS>;

const SELECT = Object.entries(PROJECT_COLUMNS)
  .map(([name, column]) => `project.${column} as "${name}"`)
  .join(', ');
const SORT_KEY = `(extract(epoch from project.first_seen_at) * 1000000)::bigint`;

/** Projects that the viewer may see and that still exist, oldest first. */
export async function listProjects(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  request: PageRequest,
): Promise<Page<ProjectRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), isUuid]);
  const parameters = new Parameters();
  const conditions = ['project.deleted_at is null', ...visibleTo(viewer, parameters)];
  if (after) {
    const [micros, id] = after;
    conditions.push(
      `(project.first_seen_at, project.id) > (timestamptz 'epoch' + ${parameters.add(micros)}::bigint * interval '1 microsecond', ${parameters.add(id)}::uuid)`,
    );
  }
  const rows = await app.reads.query<ProjectRow & { sortKey: string }>(
    `select ${SORT_KEY} as "sortKey", ${SELECT} from cloud_projects project where ${conditions.join(' and ')}
     order by project.first_seen_at, project.id limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage<ProjectRow>(request, rows, (row) => encodeCursor([(row as (typeof rows)[number]).sortKey, row.id]));
}

export async function countProjects(app: Pick<App, 'reads'>, viewer: Viewer): Promise<number> {
  const parameters = new Parameters();
  const conditions = ['project.deleted_at is null', ...visibleTo(viewer, parameters)];
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from cloud_projects project where ${conditions.join(' and ')}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** Those of the ids that the viewer may see, in any order. */
export async function findProjects(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<ProjectRow[]> {
  const parameters = new Parameters();
  const conditions = [
    `project.id = any(${parameters.add(ids.filter(isUuid))}::uuid[])`,
    ...visibleTo(viewer, parameters),
  ];
  return app.reads.query<ProjectRow>(
    `select ${SELECT} from cloud_projects project where ${conditions.join(' and ')}`,
    parameters.values,
  );
}

function visibleTo(viewer: Viewer, parameters: Parameters): string[] {
  return viewer.isOperator ? [] : [`project.tenant_id = ${parameters.add(viewer.tenantId)}`];
}
