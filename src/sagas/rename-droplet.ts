import { z } from 'zod';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { defineStep, done } from '../services/sagas/step.js';
import { ApproachNotes, reachState } from './droplet-actions.js';
import { nullIfNotFound } from './provider-errors.js';

const toName =
  (name: string) =>
  (droplet: Droplet): DropletAction | null =>
    droplet.name === name ? null : { type: 'rename', name };

/** Renames a droplet. */
export const renameDroplet = defineStep({
  name: 'RenameDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string(), name: z.string() }),
  notes: ApproachNotes.extend({ nameBefore: z.string() }),

  async execute({ inputs: { dropletId, name }, notes, saveNotes, digitalOcean, pollSeconds }) {
    if (notes.nameBefore === undefined)
      await saveNotes({ nameBefore: (await digitalOcean.droplets.get(dropletId)).name });
    return reachState({ digitalOcean, dropletId, pollSeconds, notes, saveNotes, nextAction: toName(name) });
  },

  async compensate({ inputs: { dropletId }, notes, saveNotes, digitalOcean, pollSeconds }) {
    const { nameBefore } = notes;
    if (nameBefore === undefined || !(await nullIfNotFound(digitalOcean.droplets.get(dropletId)))) return done();
    return reachState({ digitalOcean, dropletId, pollSeconds, notes, saveNotes, nextAction: toName(nameBefore) });
  },
});
