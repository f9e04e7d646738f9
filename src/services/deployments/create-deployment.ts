import type { EntityManager } from 'typeorm';
import type { Viewer } from '../../context.js';
import type { DeploymentState } from '../../core/deployments/deployment-state.js';
import type { LlmMode } from '../../core/pricing/llm-mode.js';
import { Deployment } from '../../entities/deployment.js';
import { ConflictError, ForbiddenError } from '../../errors.js';
import { codeProblems, nameProblems, rejectProblems, textProblems } from '../validation/problems.js';
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

/** A new deployment, in the caller's transaction: what subscribes or provisions it joins in. */
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
  const [made]: { id: string }[] = await db.query(
    `insert into deployments (tenant_id, slug, display_name, region, state, llm_mode, template_code, template_version, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (tenant_id, slug) do nothing returning id`,
    [
      tenantId,
      input.slug,
      input.displayName,
      input.region ?? null,
      state,
      input.llmMode,
      input.templateCode ?? null,
      input.templateVersion ?? null,
      at,
    ],
  );
  if (!made) throw new ConflictError(`There is a deployment "${input.slug}" already.`);
  await recordState(db, made.id, { from: null, to: state, actor: viewer.subject, at });
  return db.findOneByOrFail(Deployment, { id: made.id });
}
