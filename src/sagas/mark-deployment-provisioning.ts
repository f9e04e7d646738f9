import { z } from 'zod';
import { defineStep, done, failed } from '../services/sagas/step.js';
import { lockAnyDeployment, moveDeploymentTo } from './move-deployment.js';

/** Checks that the deployment is in the state in which it was created. Compensation cancels the deployment. */
export const markDeploymentProvisioning = defineStep({
  name: 'MarkDeploymentProvisioning',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),

  async execute({ inputs: { deploymentId }, write }) {
    const { state } = await write((db) => lockAnyDeployment(db, deploymentId));
    return state === 'provisioning' ? done() : failed('permanent', `the deployment is ${state}, not provisioning`);
  },

  async compensate({ actor, clock, inputs: { deploymentId }, write }) {
    await write(async (db) => {
      const { state } = await lockAnyDeployment(db, deploymentId);
      if (state === 'archived') return;
      await moveDeploymentTo(db, { id: deploymentId, to: 'cancelled', actor, at: clock() });
    });
    return done();
  },
});
