import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import type { LlmMode } from '../../core/pricing/llm-mode.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import type { Deployment } from '../../entities/deployment.js';
import { ConflictError, ForbiddenError } from '../../errors.js';
import { codeProblems, nameProblems, rejectProblems, textProblems } from '../validation/problems.js';
import { DeploymentRow } from './list-deployments.js';
import { recordState } from './record-state.js';

export interface NewDeployment {
  /** Operators may name any tenant. */
  readonly tenantId?: string | null | undefined;
  readonly slug: string;
  readonly displayName: string;
  readonly region?: string | null | undefined;
  readonly llmMode: LlmMode;
  readonly templateCode?: string | null | undefined;
  readonly templateVersion?: string | null | undefined;
}

const MAX_LABEL = 200;

/**
 * Inserts a deployment with its first event. Throws BAD_USER_INPUT, FORBIDDEN if a tenant names another tenant, CONFLICT if
 * the tenant has a deployment with that slug.
 */
export async function insertDeployment(
  db: EntityManager,
  viewer: Viewer,
  input: NewDeployment,
  state: Extract<DeploymentState, 'active' | 'provisioning'>,
  at: Date,
): Promise<Deployment> {
  const tenantId = input.tenantId ?? viewer.tenantId;
  if (!viewer.isOperator && tenantId !== viewer.tenantId) throw new ForbiddenError('input.tenantId is for operators');
  rejectProblems([
    ...nameProblems(tenantId, 'input.tenantId'),
    ...codeProblems(input.slug, 'input.slug'),
    ...nameProblems(input.displayName, 'input.displayName'),
    ...textProblems(input.region, 'input.region', MAX_LABEL),
    ...textProblems(input.templateCode, 'input.templateCode', MAX_LABEL),
    ...textProblems(input.templateVersion, 'input.templateVersion', MAX_LABEL),
  ]);
  const { slug, displayName, region = null, llmMode, templateCode = null, templateVersion = null } = input;
  const inserted = await query(db).maybeOne(
    DeploymentRow,
    sql`/* insert-deployment */ insert into deployments
        (tenant_id, slug, display_name, region, state, llm_mode, template_code, template_version, created_at)
      values (${tenantId}, ${slug}, ${displayName}, ${region}, ${state}, ${llmMode}, ${templateCode}, ${templateVersion}, ${at})
      on conflict (tenant_id, slug) do nothing returning ${DeploymentRow.columns('deployments')}`,
  );
  if (!inserted) throw new ConflictError(`There is a deployment "${slug}" already.`);
  await recordState(db, inserted.id, { from: null, to: state, actor: viewer.subject, at });
  return inserted;
}
