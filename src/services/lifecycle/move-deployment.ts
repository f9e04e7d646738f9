import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import {
  assertTransition,
  type DeploymentState,
  subscriptionEffect,
  type TransitionActor,
} from '../../core/deployments/deployment-state.js';
import { dayOf } from '../../core/time/period.js';
import { Deployment } from '../../entities/deployment.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { recordState } from '../deployments/record-state.js';
import { cancelProvisioning } from '../provisioning/provisioning-sagas.js';
import { applyToLiveSubscription } from '../subscriptions/change-status.js';
import { rejectProblems, textProblems } from '../validation/problems.js';

export interface Move {
  readonly to: DeploymentState;
  readonly by: TransitionActor;
  /** Who is recorded: a viewer's subject, `saga:<id>`. */
  readonly actor: string;
  readonly reason?: string | null | undefined;
  readonly at: Date;
}

/**
 * Moves a locked deployment along an edge of its state machine, records who did it, and lets its live subscription
 * follow. Throws INVALID_TRANSITION, or FORBIDDEN if this actor may not use that edge.
 */
export async function moveDeployment(
  db: EntityManager,
  deployment: Deployment,
  { to, by, actor, reason, at }: Move,
): Promise<Deployment> {
  assertTransition(deployment.state, to, by);
  await db.update(Deployment, { id: deployment.id }, { state: to });
  await recordState(db, deployment.id, { from: deployment.state, to, actor, reason, at });
  await applyToLiveSubscription(db, deployment.id, subscriptionEffect(to, deployment.state), dayOf(at));
  return { ...deployment, state: to };
}

/** Compensates a saga's own activation: the one way back into provisioning, and no edge for anybody else. */
export async function returnToProvisioning(
  db: EntityManager,
  deployment: Deployment,
  { actor, at }: Pick<Move, 'actor' | 'at'>,
): Promise<void> {
  await db.update(Deployment, { id: deployment.id }, { state: 'provisioning' });
  await recordState(db, deployment.id, { from: deployment.state, to: 'provisioning', actor, at });
}

/**
 * Moves a deployment for an operator or its tenant. Cancelling a deployment while it is provisioned cancels its saga. Throws
 * BAD_USER_INPUT, NOT_FOUND, and as `moveDeployment`.
 */
export async function transitionDeployment(
  app: Pick<App, 'db' | 'clock' | 'live' | 'queues'>,
  viewer: Viewer,
  id: string,
  to: DeploymentState,
  reason: string | null | undefined,
): Promise<Deployment> {
  rejectProblems(textProblems(reason, 'reason'));
  const by = viewer.isOperator ? 'operator' : 'tenant';
  const moved = await app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, id);
    return moveDeployment(db, deployment, { to, by, actor: viewer.subject, reason, at: app.clock() });
  });
  if (to === 'cancelled') await cancelProvisioning(app, viewer, id);
  return moved;
}

/** Excludes a deployment from automatic billing actions, or includes it again. Operators only: the resolver sees to that. */
export async function setBillingActionSuspended(
  app: Pick<App, 'db'>,
  viewer: Viewer,
  id: string,
  suspended: boolean,
): Promise<Deployment> {
  return app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, id);
    await db.update(Deployment, { id }, { billingActionSuspended: suspended });
    return { ...deployment, billingActionSuspended: suspended };
  });
}
