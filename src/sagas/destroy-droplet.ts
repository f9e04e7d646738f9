import { z } from 'zod';
import { markDestroyed } from '../services/inventory/remove-resource.js';
import { again, defineStep, done, failed } from '../services/sagas/step.js';
import { isActionInProgress, nullIfNotFound } from './provider-errors.js';

/** Destroys a droplet. Succeeds if the droplet is gone already. */
export const destroyDroplet = defineStep({
  name: 'DestroyDroplet',
  version: 1,
  inputs: z.object({ resourceId: z.string(), dropletId: z.string() }),
  irreversible: 'a destroyed droplet is gone.',
  // An hour at five seconds a poll: a snapshot may be under way.
  maxPolls: 720,

  async execute({ actor, clock, inputs: { resourceId, dropletId }, digitalOcean, pollSeconds, write }) {
    try {
      await digitalOcean.droplets.destroy(dropletId);
    } catch (error) {
      if (!isActionInProgress(error)) throw error;
      return again(pollSeconds, 'another action of the droplet is under way');
    }
    await write((db) => markDestroyed(db, { resourceId, actor, at: clock() }));
    return done();
  },

  async compensate({ inputs: { dropletId }, digitalOcean }) {
    const droplet = await nullIfNotFound(digitalOcean.droplets.get(dropletId));
    if (droplet) return done();
    return failed('permanent', `droplet ${dropletId} is destroyed, which cannot be undone`);
  },
});
