import type { App, Viewer } from '../../context.js';
import { joinedRow, printedRow, rowOf } from '../../database/row-shape.js';
import { allOf, rawSql, sql } from '../../database/sql.js';
import { CloudProject } from '../../entities/cloud-project.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { BadUserInputError } from '../../errors.js';
import { isUuid, type Page, type PageRequest } from '../paging/keyset.js';
import { type NestedList, nestedList } from '../paging/nested-list.js';
import { type PagedList, type SortedListDefinition, sortedList } from '../paging/sorted-list.js';
import type { ProjectColumn } from './project-columns.js';
import { type ResourceFilter, resourceConditions } from './resource-conditions.js';

type InstantColumn = 'firstSeenAt' | 'lastSeenAt' | 'deletedAt';

/** A resource with the columns that were asked for; those that resolvers of other fields read are there for them. */
export type ResourceRow = Pick<CloudResource, 'id' | 'tenantId' | 'cloudProjectId' | 'deploymentId'> &
  Partial<Omit<CloudResource, InstantColumn>> & {
    /** Instants as the API shows them. */
    readonly [Column in InstantColumn]?: string | null;
  } & {
    /** Joined if it was selected; null if there is none that the viewer may see. */
    readonly project?: NestedProject | null;
  };

type JoinedProject = { readonly [Column in ProjectColumn as `project.${Column}`]?: unknown };
/** The selected columns of a resource's project. */
type NestedProject = Partial<Record<ProjectColumn, unknown>>;

/** What a query asks of each resource, so that nothing else is read. */
export interface ResourceSelection {
  readonly columns: readonly ResourceColumn[];
  /** What is asked of its project, joined rather than loaded; null: nothing. */
  readonly projectColumns: readonly ProjectColumn[] | null;
  /** Whether any cursor is asked for: a page without needs no sort key. */
  readonly cursors: boolean;
  readonly totalCount: boolean;
}

export const RESOURCE_COLUMNS = [
  'provider',
  'kind',
  'providerKind',
  'providerId',
  'name',
  'status',
  'region',
  'tags',
  'attrs',
  'firstSeenAt',
  'lastSeenAt',
  'staleStrikeCount',
  'deletedAt',
  'tenantId',
  'cloudProjectId',
  'deploymentId',
] as const;
export type ResourceColumn = (typeof RESOURCE_COLUMNS)[number];
const EVERYTHING: ResourceSelection = {
  columns: RESOURCE_COLUMNS,
  projectColumns: null,
  cursors: true,
  totalCount: false,
};
const ORDER = {
  name: 'list-resources',
  keys: [
    { column: 'resource.first_seen_at', type: 'instant' },
    { column: 'resource.id', type: 'uuid' },
  ],
  direction: 'asc',
} as const;
const WholeRow = printedRow(rowOf(CloudResource, ['id', ...RESOURCE_COLUMNS]));

/**
 * Resources that the viewer may see, oldest first. That order never changes while rows do, so that paging neither repeats
 * nor skips one.
 */
export async function listResources(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: ResourceFilter,
  request: PageRequest,
  selection: ResourceSelection = EVERYTHING,
): Promise<Page<ResourceRow>> {
  rejectMalformedIds(filter);
  const list = selectedList(app, viewer, filter, selection);
  const [page, totalCount] = await Promise.all([list.page(request), selection.totalCount ? list.count() : null]);
  return { ...page, totalCount };
}

/**
 * The resources of each deployment that the viewer may see, oldest first. `filter.deploymentId` is not applied. Throws
 * BAD_USER_INPUT for a malformed id, FORBIDDEN if a tenant filters by tenant.
 */
export function listResourcesOfDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: ResourceFilter,
  selection: ResourceSelection,
): NestedList<ResourceRow> {
  rejectMalformedIds({ ...filter, deploymentId: null });
  const definition = { ...selectedDefinition(viewer, selection), parent: 'resource.deployment_id' };
  const conditions = resourceConditions(viewer, { ...filter, deploymentId: null });
  const list = nestedList({ ...definition, name: 'list-resources-of-deployments' })(app.reads.printed, conditions);
  return {
    counts: list.counts,
    async pages(parentIds, request) {
      const pages = await list.pages(parentIds, request);
      for (const { page } of pages) nestProjects(page.rows, selection);
      return pages;
    },
  };
}

function selectedList(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: ResourceFilter,
  selection: ResourceSelection,
): PagedList<ResourceRow> {
  const conditions = resourceConditions(viewer, filter);
  const list = sortedList(selectedDefinition(viewer, selection))(app.reads.printed, conditions);
  return {
    count: list.count,
    async page(request) {
      const page = await list.page(request);
      nestProjects(page.rows, selection);
      return page;
    },
  };
}

function selectedDefinition(
  viewer: Viewer,
  { columns, projectColumns, cursors }: ResourceSelection,
): SortedListDefinition<ResourceRow & JoinedProject> {
  const own = rowOf(CloudResource, ['id', ...columns]);
  if (!projectColumns) {
    const from = sql`cloud_resources resource`;
    return { ...ORDER, row: printedRow(own), select: own.columns('resource'), from, withCursors: cursors };
  }
  const project = rowOf(CloudProject, projectColumns);
  const visible = viewer.isOperator ? rawSql('') : sql` and project.tenant_id = ${viewer.tenantId}`;
  return {
    ...ORDER,
    row: joinedRow(printedRow(own), project, 'project.'),
    select: sql`${own.columns('resource')}, ${project.columns('project', 'project.')}`,
    from: sql`cloud_resources resource
      left join cloud_projects project on project.id = resource.cloud_project_id${visible}`,
    withCursors: cursors,
  };
}

/** Sets `project` of each row from its joined columns, if projects are selected. */
function nestProjects(rows: readonly (ResourceRow & JoinedProject)[], { projectColumns }: ResourceSelection): void {
  if (!projectColumns) return;
  for (const row of rows) Object.assign(row, { project: nestedProject(row, projectColumns) });
}

/** The columns of a joined project as an object of its own; null: there is none that the viewer may see. */
function nestedProject(row: JoinedProject, columns: readonly ProjectColumn[]): NestedProject | null {
  if (row['project.id'] === null) return null;
  const project: NestedProject = {};
  for (const column of columns) project[column] = row[`project.${column}`];
  return project;
}

/** One resource that the viewer may see, a tombstone too; null: there is none. */
export async function findResource(app: Pick<App, 'reads'>, viewer: Viewer, id: string): Promise<ResourceRow | null> {
  const [row] = await findResources(app, viewer, [id]);
  return row ?? null;
}

/** Those of the ids that the viewer may see, in any order. */
export async function findResources(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<ResourceRow[]> {
  const conditions = resourceConditions(viewer, { includeDeleted: true });
  conditions.push(sql`resource.id = any(${ids.filter(isUuid)}::uuid[])`);
  return app.reads.printed.many(
    WholeRow,
    sql`/* find-resources */ select ${WholeRow.columns('resource')} from cloud_resources resource
      where ${allOf(conditions)}`,
  );
}

function rejectMalformedIds(filter: ResourceFilter): void {
  for (const field of ['projectId', 'deploymentId'] as const) {
    const id = filter[field];
    if (id !== null && id !== undefined && !isUuid(id)) throw BadUserInputError.at(`filter.${field}`, 'is not an id');
  }
}
