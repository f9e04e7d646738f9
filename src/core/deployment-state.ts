import { ForbiddenError, InvalidTransitionError } from '../errors.js';

export const DEPLOYMENT_STATES = [
  'provisioning',
  'trial',
  'active',
  'past_due',
  'paused',
  'suspended',
  'cancelled',
  'archived',
] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

/** Every edge there is (spec §5). */
const EDGES: Record<DeploymentState, readonly DeploymentState[]> = {
  provisioning: ['active', 'cancelled'],
  trial: ['active', 'cancelled'],
  active: ['past_due', 'paused', 'suspended', 'cancelled'],
  past_due: ['active', 'suspended', 'cancelled'],
  paused: ['active', 'cancelled'],
  suspended: ['active', 'cancelled'],
  cancelled: ['archived'],
  archived: [],
};

/** Who moves a deployment: an operator or a saga of ours, or its tenant. */
export type TransitionActor = 'operator' | 'system' | 'tenant';

/** A deployment becomes active out of provisioning when its saga says so, never because its tenant does. */
function isOperatorOnly(from: DeploymentState, to: DeploymentState): boolean {
  return from === 'provisioning' && to === 'active';
}

/** The states that this actor may move a deployment to now. */
export function allowedTransitions(from: DeploymentState, by: TransitionActor): DeploymentState[] {
  return EDGES[from].filter((to) => by !== 'tenant' || !isOperatorOnly(from, to));
}

/** Throws INVALID_TRANSITION where there is no such edge, FORBIDDEN where there is one but not for this actor. */
export function assertTransition(from: DeploymentState, to: DeploymentState, by: TransitionActor): void {
  const allowed = allowedTransitions(from, by);
  if (allowed.includes(to)) return;
  if (EDGES[from].includes(to)) throw new ForbiddenError(`Only an operator can make a ${from} deployment ${to}.`);
  throw new InvalidTransitionError(from, to, allowed);
}

/** What entering a state does to the deployment's live subscription; `resume` is nothing to one that is not paused. */
export type SubscriptionEffect = 'pause' | 'cancel' | 'resume' | 'none';

export function subscriptionEffect(to: DeploymentState): SubscriptionEffect {
  if (to === 'paused') return 'pause';
  if (to === 'cancelled') return 'cancel';
  return to === 'active' ? 'resume' : 'none';
}
