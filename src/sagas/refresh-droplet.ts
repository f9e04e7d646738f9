import { z } from 'zod';
import { observe } from '../services/inventory/observe.js';
import { normalizeDroplet } from '../services/inventory/scopes/normalize-droplet.js';
import { defineStep, done, type StepTools } from '../services/sagas/step.js';
import { nullIfNotFound } from './provider-errors.js';

/** Updates the droplet in the inventory, without waiting for a sync. Compensation does the same. */
export const refreshDroplet = defineStep({
  name: 'RefreshDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string() }),

  execute: ({ inputs: { dropletId }, ...tools }) => refresh(dropletId, tools),
  compensate: ({ inputs: { dropletId }, ...tools }) => refresh(dropletId, tools),
});

async function refresh(dropletId: string, { actor, clock, digitalOcean, write }: StepTools) {
  const droplet = await nullIfNotFound(digitalOcean.droplets.get(dropletId));
  if (droplet) await write((db) => observe(db, { actor, at: clock(), run: null }, [normalizeDroplet(droplet)]));
  return done();
}
