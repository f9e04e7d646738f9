import { z } from 'zod';
import { defineStep, done } from '../services/sagas/step.js';
import { lockAnyDeployment, moveDeploymentTo } from './move-deployment.js';

/** Sets the deployment to CANCELLED. */
export const cancelDeployment = defineStep({
  name: 'CancelDeployment',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),
  irreversible: 'a cancelled deployment can only be archived.',

  async execute({ actor, clock, inputs: { deploymentId }, write }) {
    await write(async (db) => {
      const { state } = await lockAnyDeployment(db, deploymentId);
      if (state === 'archived') return;
      await moveDeploymentTo(db, { id: deploymentId, to: 'cancelled', actor, at: clock() });
    });
    return done();
  },
});
