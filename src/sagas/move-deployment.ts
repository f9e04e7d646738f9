import type { EntityManager } from 'typeorm';
import type { DeploymentState } from '../core/deployments/deployment-state.js';
import type { Deployment } from '../entities/deployment.js';
import { lockDeployment } from '../services/deployments/lock-deployment.js';
import { moveDeployment } from '../services/lifecycle/move-deployment.js';

/** A saga may see every tenant's deployments: the tenant was checked when the saga was started. */
const SAGA_VIEWER = { isOperator: true, tenantId: '' };

export function lockAnyDeployment(db: EntityManager, id: string): Promise<Deployment> {
  return lockDeployment(db, SAGA_VIEWER, id);
}

/** Moves a deployment as the system. Does nothing if the deployment is in that state already. */
export async function moveDeploymentTo(
  db: EntityManager,
  move: { readonly id: string; readonly to: DeploymentState; readonly actor: string; readonly at: Date },
): Promise<void> {
  const deployment = await lockAnyDeployment(db, move.id);
  if (deployment.state === move.to) return;
  await moveDeployment(db, deployment, { to: move.to, by: 'system', actor: move.actor, at: move.at });
}
