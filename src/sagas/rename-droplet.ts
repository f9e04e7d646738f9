import { z } from 'zod';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { defineStep, done } from '../services/sagas/step.js';
import { approach, KeptApproach } from './droplet-actions.js';
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
  kept: KeptApproach.extend({ nameBefore: z.string() }),

  async execute({ inputs: { dropletId, name }, kept, keep, digitalOcean, pollSeconds }) {
    if (kept.nameBefore === undefined) await keep({ nameBefore: (await digitalOcean.droplets.get(dropletId)).name });
    return approach({ digitalOcean, dropletId, pollSeconds, kept, keep, nextAction: toName(name) });
  },

  async compensate({ inputs: { dropletId }, kept, keep, digitalOcean, pollSeconds }) {
    const { nameBefore } = kept;
    if (nameBefore === undefined || !(await unlessAbsent(digitalOcean.droplets.get(dropletId)))) return done();
    return approach({ digitalOcean, dropletId, pollSeconds, kept, keep, nextAction: toName(nameBefore) });
  },
});
