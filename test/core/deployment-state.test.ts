import { describe, expect, it } from '@jest/globals';
import {
  allowedTransitions,
  assertTransition,
  DEPLOYMENT_STATES,
  type DeploymentState,
  subscriptionEffect,
} from '../../src/core/deployments/deployment-state.js';
import { ForbiddenError, InvalidTransitionError } from '../../src/errors.js';

const EDGES = new Set([
  'provisioning>active',
  'provisioning>cancelled',
  'trial>active',
  'trial>cancelled',
  'active>past_due',
  'active>paused',
  'active>suspended',
  'active>cancelled',
  'past_due>active',
  'past_due>suspended',
  'past_due>cancelled',
  'paused>active',
  'paused>cancelled',
  'suspended>active',
  'suspended>cancelled',
  'cancelled>archived',
]);

const TENANT_EDGES = new Set([
  'provisioning>cancelled',
  'trial>active',
  'trial>cancelled',
  'active>paused',
  'active>cancelled',
  'paused>active',
  'paused>cancelled',
  'cancelled>archived',
]);

const pairs = DEPLOYMENT_STATES.flatMap((from) => DEPLOYMENT_STATES.map((to) => [from, to] as const));

describe('the deployment state machine', () => {
  it.each(pairs)('an operator moving %s to %s follows the table', (from, to) => {
    const move = () => assertTransition(from, to, 'operator');
    if (EDGES.has(`${from}>${to}`)) expect(move).not.toThrow();
    else expect(move).toThrow(InvalidTransitionError);
    expect(allowedTransitions(from, 'operator').includes(to)).toBe(EDGES.has(`${from}>${to}`));
  });

  it.each(pairs)('the system moving %s to %s follows the table', (from, to) => {
    expect(allowedTransitions(from, 'system').includes(to)).toBe(EDGES.has(`${from}>${to}`));
  });

  it.each(pairs)('a tenant moving %s to %s has its own edges alone', (from, to) => {
    const move = () => assertTransition(from, to, 'tenant');
    if (TENANT_EDGES.has(`${from}>${to}`)) expect(move).not.toThrow();
    else expect(move).toThrow(EDGES.has(`${from}>${to}`) ? ForbiddenError : InvalidTransitionError);
    expect(allowedTransitions(from, 'tenant').includes(to)).toBe(TENANT_EDGES.has(`${from}>${to}`));
  });

  it('a refusal says from, to and what is allowed', () => {
    const rejected = () => assertTransition('paused', 'archived', 'operator');
    expect(rejected).toThrow('paused cannot become archived; it can become active, cancelled.');
  });

  it('pausing, cancelling and resuming carry over to the subscription, nothing else does', () => {
    const effects = DEPLOYMENT_STATES.map((to: DeploymentState) => [to, subscriptionEffect(to)]);
    expect(Object.fromEntries(effects)).toEqual({
      provisioning: 'none',
      trial: 'none',
      active: 'resume',
      past_due: 'none',
      paused: 'pause',
      suspended: 'none',
      cancelled: 'cancel',
      archived: 'none',
    });
  });
});
