import { z } from 'zod';
import { dayOf } from '../core/time/period.js';
import { defineStep, done } from '../services/sagas/step.js';
import { applyToLiveSubscription } from '../services/subscriptions/change-status.js';
import { lockAnyDeployment } from './move-deployment.js';

/** Ends the deployment's live subscription, if it has one. Today is still billed. */
export const cancelDeploymentSubscription = defineStep({
  name: 'CancelDeploymentSubscription',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),
  irreversible: 'a subscription that ended stays ended.',

  async execute({ clock, inputs: { deploymentId }, write }) {
    await write(async (db) => {
      await lockAnyDeployment(db, deploymentId);
      await applyToLiveSubscription(db, deploymentId, 'cancel', dayOf(clock()));
    });
    return done();
  },
});
