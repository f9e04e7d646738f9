import { z } from 'zod';
import { linkResource } from '../services/deployments/assign-resource.js';
import { findDropletResource } from '../services/inventory/find-droplet-resource.js';
import { defineStep, done } from '../services/sagas/step.js';

/** Assigns the new droplet to its deployment, and so to the deployment's tenant. */
export const linkDeploymentResource = defineStep({
  name: 'LinkDeploymentResource',
  version: 1,
  inputs: z.object({ deploymentId: z.string() }),
  context: z.object({ resourceId: z.string(), dropletId: z.string() }),

  async execute({ actor, clock, inputs: { deploymentId }, context: { resourceId }, write }) {
    await write((db) => linkResource(db, { resourceId, deploymentId, actor, at: clock() }));
    return done();
  },

  async compensate({ actor, clock, context: { dropletId }, write }) {
    if (dropletId === undefined) return done();
    await write(async (db) => {
      const resourceId = await findDropletResource(db, dropletId);
      if (resourceId !== null) await linkResource(db, { resourceId, deploymentId: null, actor, at: clock() });
    });
    return done();
  },
});
