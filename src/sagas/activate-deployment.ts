import { z } from 'zod';
import { returnToProvisioning } from '../services/lifecycle/move-deployment.js';
import { defineStep, done } from '../services/sagas/step.js';
import { lockAnyDeployment, moveDeploymentTo } from './move-deployment.js';

/** Sets the deployment to ACTIVE. */
export const activateDeployment = defineStep({
  name: 'ActivateDeployment',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),

  async execute({ actor, clock, inputs: { deploymentId }, write }) {
    await write((db) => moveDeploymentTo(db, { id: deploymentId, to: 'active', actor, at: clock() }));
    return done();
  },

  async compensate({ actor, clock, inputs: { deploymentId }, write }) {
    await write(async (db) => {
      const deployment = await lockAnyDeployment(db, deploymentId);
      if (deployment.state === 'active') await returnToProvisioning(db, deployment, { actor, at: clock() });
    });
    return done();
  },
});
