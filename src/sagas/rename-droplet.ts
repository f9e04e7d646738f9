import { z } from 'zod';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { defineStep, done } from '../services/sagas/step.js';
import { approach } from './droplet-actions.js';
import { unlessAbsent } from './refusals.js';

const toName =
  (name: string) =>
  (droplet: Droplet): DropletAction | null =>
    droplet.name === name ? null : { type: 'rename', name };

/** Gives a droplet another name. */
export const renameDroplet = defineStep({
  name: 'RenameDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string(), name: z.string() }),
  kept: z.object({ nameBefore: z.string() }),

  async execute({ inputs: { dropletId, name }, kept, keep, digitalOcean, pollSeconds }) {
    if (kept.nameBefore === undefined) await keep({ nameBefore: (await digitalOcean.droplets.get(dropletId)).name });
    return approach({ digitalOcean, dropletId, pollSeconds, nextAction: toName(name) });
  },

  async compensate({ inputs: { dropletId }, kept: { nameBefore }, digitalOcean, pollSeconds }) {
    if (nameBefore === undefined || !(await unlessAbsent(digitalOcean.droplets.get(dropletId)))) return done();
    return approach({ digitalOcean, dropletId, pollSeconds, nextAction: toName(nameBefore) });
  },
});
