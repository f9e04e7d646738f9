import type { App, Viewer } from '../../context.js';
import { Parameters } from '../../database/reads.js';
import type { CloudProject } from '../../entities/cloud-project.js';
import type { CloudResource } from '../../entities/cloud-resource.js';
import { BadUserInputError } from '../../errors.js';
import {
  decodeCursor,
  encodeCursor,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';
import { PROJECT_COLUMNS, type ProjectColumn } from './project-columns.js';
import { type ResourceFilter, resourceConditions } from './resource-conditions.js';

type InstantColumn = 'firstSeenAt' | 'lastSeenAt' | 'deletedAt';

/** A resource with the columns that were asked for; those that resolvers of other fields read are there for them. */
export type ResourceRow = Pick<CloudResource, 'id' | 'tenantId' | 'cloudProjectId' | 'deploymentId'> &
  Partial<Omit<CloudResource, InstantColumn>> & {
    /** Instants as the API shows them. */
    readonly [Column in InstantColumn]?: string | null;
  } & {
    /** Joined where it was asked for; null where there is none that the viewer may see. */
    readonly project?: CloudProject | null;
  };

/** What a query asks of each resource, so that nothing else is read. */
export interface ResourceAsk {
  readonly columns: readonly ResourceColumn[];
  /** What is asked of its project, joined rather than loaded; null: nothing. */
  readonly projectColumns: readonly ProjectColumn[] | null;
  /** Whether any cursor is asked for: a page without needs no sort key. */
  readonly cursors: boolean;
  readonly totalCount: boolean;
}

const COLUMN = {
  provider: 'provider',
  kind: 'kind',
  providerKind: 'provider_kind',
  providerId: 'provider_id',
  name: 'name',
  status: 'status',
  region: 'region',
  tags: 'tags',
  attrs: 'attrs',
  firstSeenAt: 'first_seen_at',
  lastSeenAt: 'last_seen_at',
  staleStrikeCount: 'stale_strike_count',
  deletedAt: 'deleted_at',
  tenantId: 'tenant_id',
  cloudProjectId: 'cloud_project_id',
  deploymentId: 'deployment_id',
} as const;
export type ResourceColumn = keyof typeof COLUMN;
export const RESOURCE_COLUMNS = Object.keys(COLUMN) as ResourceColumn[];
const EVERYTHING: ResourceAsk = { columns: RESOURCE_COLUMNS, projectColumns: null, cursors: true, totalCount: false };

/** Microseconds since 1970: Postgres keeps more of an instant than a JavaScript Date does. */
const SORT_KEY = `(extract(epoch from resource.first_seen_at) * 1000000)::bigint`;

interface FlatRow extends ResourceRow {
  sortKey: string;
  [projectColumn: `project.${string}`]: unknown;
}

/**
 * Resources that the viewer may see, oldest first. That order never changes while rows do, so that paging neither repeats
 * nor skips one.
 */
export async function listResources(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: ResourceFilter,
  request: PageRequest,
  ask: ResourceAsk = EVERYTHING,
): Promise<Page<ResourceRow>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), isUuid]);
  refuseMalformedIds(filter);
  const parameters = new Parameters();
  const conditions = resourceConditions(viewer, filter, parameters);
  if (after) {
    const [micros, id] = after;
    conditions.push(
      `(resource.first_seen_at, resource.id) > (timestamptz 'epoch' + ${parameters.add(micros)}::bigint * interval '1 microsecond', ${parameters.add(id)}::uuid)`,
    );
  }
  const sortKey = ask.cursors ? `${SORT_KEY} as "sortKey", ` : '';
  const text = `select ${sortKey}${selectList(ask)} from cloud_resources resource ${projectJoin(ask, viewer, parameters)}
    where ${conditions.join(' and ') || 'true'} order by resource.first_seen_at, resource.id limit ${parameters.add(limit)}`;
  const [rows, totalCount] = await Promise.all([
    app.reads.shown<FlatRow>(text, parameters.values),
    ask.totalCount ? countResources(app, viewer, filter) : null,
  ]);
  if (ask.projectColumns) for (const row of rows) nestProject(row, ask.projectColumns);
  return toPage<ResourceRow>(request, rows, (row) => encodeCursor([(row as FlatRow).sortKey, row.id]), totalCount);
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
  const parameters = new Parameters();
  const conditions = resourceConditions(viewer, { includeDeleted: true }, parameters);
  conditions.push(`resource.id = any(${parameters.add(ids.filter(isUuid))}::uuid[])`);
  return app.reads.shown<FlatRow>(
    `select ${selectList(EVERYTHING)} from cloud_resources resource where ${conditions.join(' and ')}`,
    parameters.values,
  );
}

async function countResources(app: Pick<App, 'reads'>, viewer: Viewer, filter: ResourceFilter): Promise<number> {
  const parameters = new Parameters();
  const conditions = resourceConditions(viewer, filter, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from cloud_resources resource where ${conditions.join(' and ') || 'true'}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

function selectList({ columns, projectColumns }: ResourceAsk): string {
  const own = columns.map((column) => `resource.${COLUMN[column]} as "${column}"`);
  const project = (projectColumns ?? []).map((column) => `project.${PROJECT_COLUMNS[column]} as "project.${column}"`);
  return ['resource.id', ...own, ...project].join(', ');
}

function projectJoin(ask: ResourceAsk, viewer: Viewer, parameters: Parameters): string {
  if (!ask.projectColumns) return '';
  const visible = viewer.isOperator ? '' : ` and project.tenant_id = ${parameters.add(viewer.tenantId)}`;
  return `left join cloud_projects project on project.id = resource.cloud_project_id${visible}`;
}

function nestProject(row: FlatRow, columns: readonly ProjectColumn[]): void {
  const project: Record<string, unknown> = {};
  for (const column of columns) project[column] = row[`project.${column}`];
  (row as { project: CloudProject | null }).project =
    project['id'] === null ? null : (project as unknown as CloudProject);
}

function refuseMalformedIds(filter: ResourceFilter): void {
  for (const field of ['projectId', 'deploymentId'] as const) {
    const id = filter[field];
    if (id && !isUuid(id)) throw BadUserInputError.at(`filter.${field}`, 'is not an id');
  }
}
