import type { App } from '../../context.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { parseUrn } from '../../core/inventory/urn.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import type { SyncRun } from '../../entities/sync-run.js';
import { ProviderError } from '../../errors.js';
import type { ProjectResource, Project as ProviderProject } from '../../integrations/digitalocean/projects.js';
import type { ObservedResource } from './observe.js';
import { PROVIDER_SQL } from './provider.js';
import { holdSyncRun } from './sync-run-lease.js';
import type { ListedPage } from './sync-scope.js';

type ProjectApp = Pick<App, 'db' | 'clock' | 'digitalOcean' | 'config'>;

/**
 * The PROJECTS scope. Pass 1 mirrors the projects and makes the internal one where it is missing; pass 2 records each
 * project's members by URN, and yields those of `memberKinds`, which are known from here alone.
 */
export async function* mirrorProjects(
  app: ProjectApp,
  run: SyncRun,
  memberKinds: ReadonlySet<ResourceKind>,
  signal: AbortSignal,
): AsyncGenerator<ListedPage> {
  const client = app.digitalOcean.sync.projects;
  const seen = new Set<string>();
  const projects: ProviderProject[] = [];
  let total: number | null = null;
  for await (const page of client.pages({ signal })) {
    await writeProjects(app, run, page.items);
    total = page.total ?? total;
    for (const project of page.items) {
      if (!seen.has(project.id)) projects.push(project);
      seen.add(project.id);
    }
    yield {
      list: '/v2/projects',
      resources: [],
      listedIds: page.items.map((project) => project.id),
      total: page.total,
    };
  }
  if (total === null || seen.size >= total) await strikeProjects(app, run);
  const internal = app.config.internalProject;
  if (!projects.some((project) => project.name === internal)) {
    const made = await client.create(
      { name: internal, purpose: 'Operational / Developer tooling', description: 'What no other project lists.' },
      { signal },
    );
    await writeProjects(app, run, [made]);
  }
  for (const project of projects) yield* mirrorMembers(app, run, project, memberKinds, signal);
}

async function* mirrorMembers(
  app: ProjectApp,
  run: SyncRun,
  project: ProviderProject,
  memberKinds: ReadonlySet<ResourceKind>,
  signal: AbortSignal,
): AsyncGenerator<ListedPage> {
  const list = `/v2/projects/${project.id}/resources`;
  try {
    for await (const page of app.digitalOcean.sync.projects.resources(project.id, { signal })) {
      await writeMembers(app, run, project.id, page.items);
      const resources = page.items.map(observedMember).filter(({ kind }) => memberKinds.has(kind));
      yield { list, resources, listedIds: page.items.map((member) => member.urn), total: page.total };
    }
  } catch (error) {
    // A project that is just made, or just deleted, answers 404 for a while.
    if (!(error instanceof ProviderError) || error.failure.status !== 404) throw error;
    yield { list, resources: [], listedIds: [], total: null, gap: `${list} answered 404` };
  }
}

/** All that a project's list says of a member. */
function observedMember(member: ProjectResource): ObservedResource {
  const identity = parseUrn(member.urn);
  const region = /^https:\/\/[^/]+\.([a-z]{3}\d+)\.digitaloceanspaces\.com/.exec(member.links?.self ?? '')?.[1] ?? null;
  return {
    ...identity,
    name: identity.providerId,
    status: null,
    region,
    tags: [],
    attrs: { urn: member.urn },
    isPart: true,
  };
}

async function writeProjects(app: ProjectApp, run: SyncRun, projects: readonly ProviderProject[]): Promise<void> {
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await query(
      db,
    ).execute(sql`/* save-projects */ insert into cloud_projects (provider, provider_id, name, description, provider_purpose, environment, is_default,
         first_seen_at, last_seen_at, last_seen_run)
       select distinct on (id) ${PROVIDER_SQL}, id, name, description, purpose, environment, coalesce(is_default, false), ${app.clock()}, ${app.clock()}, ${run.number}
       from jsonb_to_recordset(${JSON.stringify(projects)}::jsonb) as project(id text, name text, description text, purpose text, environment text,
         is_default boolean)
       order by id
       on conflict (provider, provider_id) do update
       set name = excluded.name, description = excluded.description, provider_purpose = excluded.provider_purpose,
         environment = excluded.environment, is_default = excluded.is_default, last_seen_at = excluded.last_seen_at,
         last_seen_run = excluded.last_seen_run, stale_strike_count = 0, deleted_at = null`);
  });
}

async function strikeProjects(app: ProjectApp, run: SyncRun): Promise<void> {
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await query(
      db,
    ).execute(sql`/* strike-projects */ update cloud_projects set stale_strike_count = stale_strike_count + 1,
         deleted_at = case when stale_strike_count + 1 >= 3 then ${app.clock()}::timestamptz end
       where provider = ${PROVIDER_SQL} and deleted_at is null and last_seen_run < ${run.number}`);
  });
}

async function writeMembers(
  app: ProjectApp,
  run: SyncRun,
  projectId: string,
  members: readonly ProjectResource[],
): Promise<void> {
  const identities = members.map((member) => parseUrn(member.urn));
  await app.db.transaction(async (db) => {
    await holdSyncRun(db, run);
    await query(
      db,
    ).execute(sql`/* save-members */ insert into cloud_project_members (provider, kind, provider_kind, provider_id, cloud_project_id, last_seen_run)
       select distinct on (member.kind, member."providerKind", member."providerId") ${PROVIDER_SQL}, member.kind,
         member."providerKind", member."providerId", project.id, ${run.number}
       from jsonb_to_recordset(${JSON.stringify(identities)}::jsonb) as member(kind text, "providerKind" text, "providerId" text)
       join cloud_projects project on project.provider = ${PROVIDER_SQL} and project.provider_id = ${projectId}
       on conflict (provider, kind, provider_kind, provider_id) do update
       set cloud_project_id = excluded.cloud_project_id, last_seen_run = excluded.last_seen_run
       where cloud_project_members.cloud_project_id <> excluded.cloud_project_id
         or cloud_project_members.last_seen_run <> excluded.last_seen_run`);
  });
}
