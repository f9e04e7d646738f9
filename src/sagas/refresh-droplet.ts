import { z } from 'zod';
import { observe } from '../services/inventory/observe.js';
import { normalizeDroplet } from '../services/inventory/scopes/normalize-droplet.js';
import { defineStep, done } from '../services/sagas/step.js';
import { unlessAbsent } from './refusals.js';

/** Shows a changed droplet in the inventory at once; undoing the change before it shows that as well. */
export const refreshDroplet = defineStep({
  name: 'RefreshDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string() }),

  async execute({ actor, clock, inputs: { dropletId }, digitalOcean, write }) {
    const droplet = await unlessAbsent(digitalOcean.droplets.get(dropletId));
    if (droplet) await write((db) => observe(db, { actor, at: clock(), run: null }, [normalizeDroplet(droplet)]));
    return done();
  },
});
