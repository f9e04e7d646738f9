import type { EntityManager } from 'typeorm';
import type { DeploymentState } from '../core/deployments/deployment-state.js';
import type { Deployment } from '../entities/deployment.js';
import { lockDeployment } from '../services/deployments/lock-deployment.js';
import { moveDeployment } from '../services/lifecycle/move-deployment.js';

/** A saga sees every tenant's deployments; whose they are was checked when it was started. */
const SAGA_VIEWER = { isOperator: true, tenantId: '' };

export function lockAnyDeployment(db: EntityManager, id: string): Promise<Deployment> {
  return lockDeployment(db, SAGA_VIEWER, id);
}

/** Moves a deployment as the program itself; where it is there already, nothing. */
export async function moveDeploymentTo(
  db: EntityManager,
  move: { readonly id: string; readonly to: DeploymentState; readonly actor: string; readonly at: Date },
): Promise<void> {
  const deployment = await lockAnyDeployment(db, move.id);
  if (deployment.state === move.to) return;
  await moveDeployment(db, deployment, { to: move.to, by: 'system', actor: move.actor, at: move.at });
}
