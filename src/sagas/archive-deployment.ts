import { z } from 'zod';
import { defineStep, done } from '../services/sagas/step.js';
import { moveDeploymentTo } from './move-deployment.js';

/** Sets the deployment to ARCHIVED. */
export const archiveDeployment = defineStep({
  name: 'ArchiveDeployment',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),
  irreversible: 'an archived deployment stays archived.',

  async execute({ actor, clock, inputs: { deploymentId }, write }) {
    await write((db) => moveDeploymentTo(db, { id: deploymentId, to: 'archived', actor, at: clock() }));
    return done();
  },
});
