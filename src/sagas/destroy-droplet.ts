import { z } from 'zod';
import { buryResource } from '../services/inventory/remove-resource.js';
import { defineStep, done, failed } from '../services/sagas/step.js';
import { unlessAbsent } from './refusals.js';

/** Destroys a droplet for good; one that is gone already is destroyed. */
export const destroyDroplet = defineStep({
  name: 'DestroyDroplet',
  version: 1,
  inputs: z.object({ resourceId: z.string(), dropletId: z.string() }),
  irreversible: 'a destroyed droplet is gone.',

  async execute({ actor, clock, inputs: { resourceId, dropletId }, digitalOcean, write }) {
    await digitalOcean.droplets.destroy(dropletId);
    await write((db) => buryResource(db, { resourceId, actor, at: clock() }));
    return done();
  },

  async compensate({ inputs: { dropletId }, digitalOcean }) {
    const droplet = await unlessAbsent(digitalOcean.droplets.get(dropletId));
    if (droplet) return done();
    return failed('permanent', `droplet ${dropletId} is destroyed, which cannot be undone`);
  },
});
