import type { App, Viewer } from '../../context.js';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import { Parameters } from '../../database/reads.js';
import type { Deployment } from '../../entities/deployment.js';
import type { DeploymentEvent } from '../../entities/deployment-event.js';
import { ForbiddenError } from '../../errors.js';
import {
  decodeCursor,
  encodeCursor,
  isBigint,
  isUuid,
  type Page,
  type PageRequest,
  pageLimit,
  toPage,
} from '../paging/keyset.js';

export interface DeploymentFilter {
  /** Operators only. */
  readonly tenantId?: string | null | undefined;
  readonly states?: readonly DeploymentState[] | null | undefined;
  readonly slug?: string | null | undefined;
}

const SELECT = `deployment.id, deployment.tenant_id as "tenantId", deployment.slug, deployment.display_name as "displayName",
  deployment.region, deployment.state, deployment.llm_mode as "llmMode",
  deployment.billing_action_suspended as "billingActionSuspended", deployment.template_code as "templateCode",
  deployment.template_version as "templateVersion", deployment.created_at as "createdAt"`;
const SORT_KEY = `(extract(epoch from deployment.created_at) * 1000000)::bigint`;

/** Deployments that the viewer may see, oldest first. */
export async function listDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: DeploymentFilter,
  request: PageRequest,
): Promise<Page<Deployment>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [(part) => /^-?\d{1,17}$/.test(part), isUuid]);
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  if (after) {
    const [micros, id] = after;
    conditions.push(
      `(deployment.created_at, deployment.id) > (timestamptz 'epoch' + ${parameters.add(micros)}::bigint * interval '1 microsecond', ${parameters.add(id)}::uuid)`,
    );
  }
  const rows = await app.reads.query<Deployment & { sortKey: string }>(
    `select ${SORT_KEY} as "sortKey", ${SELECT} from deployments deployment where ${conditions.join(' and ') || 'true'}
     order by deployment.created_at, deployment.id limit ${parameters.add(limit)}`,
    parameters.values,
  );
  return toPage<Deployment>(request, rows, (row) => encodeCursor([(row as (typeof rows)[number]).sortKey, row.id]));
}

export async function countDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  filter: DeploymentFilter,
): Promise<number> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, filter, parameters);
  const [row] = await app.reads.query<{ count: number }>(
    `select count(*)::int as count from deployments deployment where ${conditions.join(' and ') || 'true'}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** Those of the ids that the viewer may see, in any order. */
export async function findDeployments(
  app: Pick<App, 'reads'>,
  viewer: Viewer,
  ids: readonly string[],
): Promise<Deployment[]> {
  const parameters = new Parameters();
  const conditions = conditionsOf(viewer, {}, parameters);
  conditions.push(`deployment.id = any(${parameters.add(ids.filter(isUuid))}::uuid[])`);
  return app.reads.query<Deployment>(
    `select ${SELECT} from deployments deployment where ${conditions.join(' and ')}`,
    parameters.values,
  );
}

function conditionsOf(viewer: Viewer, filter: DeploymentFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  const where = (condition: (placeholder: string) => string, value: unknown) => {
    if (value !== null && value !== undefined) conditions.push(condition(parameters.add(value)));
  };
  if (!viewer.isOperator) {
    if (filter.tenantId) throw new ForbiddenError('filter.tenantId is for operators');
    where((own) => `deployment.tenant_id = ${own}`, viewer.tenantId);
  }
  where((tenant) => `deployment.tenant_id = ${tenant}`, filter.tenantId);
  where((states) => `deployment.state = any(${states}::text[])`, filter.states);
  where((slug) => `deployment.slug = ${slug}`, filter.slug);
  return conditions;
}

/** The states that one deployment went through, newest first. The caller has made sure that the viewer may see it. */
export async function listDeploymentEvents(
  app: Pick<App, 'reads'>,
  deploymentId: string,
  request: PageRequest,
): Promise<Page<DeploymentEvent>> {
  const limit = pageLimit(request);
  const after = decodeCursor(request.after, [isBigint]);
  const rows = await app.reads.query<DeploymentEvent>(
    `select id::text, deployment_id as "deploymentId", at, from_state as "fromState", to_state as "toState", actor, reason
     from deployment_events where deployment_id = $1 and ($2::bigint is null or deployment_events.id < $2::bigint)
     order by deployment_events.id desc limit $3`,
    [deploymentId, after?.[0] ?? null, limit],
  );
  return toPage(request, rows, (row) => encodeCursor([row.id]));
}

export async function countDeploymentEvents(app: Pick<App, 'reads'>, deploymentId: string): Promise<number> {
  const [row] = await app.reads.query<{ count: number }>(
    'select count(*)::int as count from deployment_events where deployment_id = $1',
    [deploymentId],
  );
  return row?.count ?? 0;
}
