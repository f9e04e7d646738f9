import { ForbiddenError, InvalidTransitionError } from '../../errors.js';

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

/**
 * The edges that a deployment's tenant may use. Provisioning ends when its saga says so, and PAST_DUE
 * and SUSPENDED are entered and left by operators and the system alone.
 */
const TENANT_EDGES: Record<DeploymentState, readonly DeploymentState[]> = {
  provisioning: ['cancelled'],
  trial: ['active', 'cancelled'],
  active: ['paused', 'cancelled'],
  past_due: [],
  paused: ['active', 'cancelled'],
  suspended: [],
  cancelled: ['archived'],
  archived: [],
};

/** The states that this actor may move a deployment to now. */
export function allowedTransitions(from: DeploymentState, by: TransitionActor): DeploymentState[] {
  return [...(by === 'tenant' ? TENANT_EDGES : EDGES)[from]];
}

/** Throws INVALID_TRANSITION where there is no such edge, FORBIDDEN where there is one but not for this actor. */
export function assertTransition(from: DeploymentState, to: DeploymentState, by: TransitionActor): void {
  const allowed = allowedTransitions(from, by);
  if (allowed.includes(to)) return;
  if (EDGES[from].includes(to)) throw new ForbiddenError(`Only an operator can make a ${from} deployment ${to}.`);
  throw new InvalidTransitionError(from, to, allowed);
}

/**
 * What entering a state does to the deployment's live subscription; `resume` is nothing to one that is not paused, and
 * `cancel_unbilled` ends one of a deployment that never became active.
 */
export type SubscriptionEffect = 'pause' | 'cancel' | 'cancel_unbilled' | 'resume' | 'none';

export function subscriptionEffect(to: DeploymentState, from?: DeploymentState): SubscriptionEffect {
  if (to === 'paused') return 'pause';
  if (to === 'cancelled') return from === 'provisioning' ? 'cancel_unbilled' : 'cancel';
  return to === 'active' ? 'resume' : 'none';
}
