import { z } from 'zod';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { defineStep, done } from '../services/sagas/step.js';
import { ApproachNotes, reachState } from './droplet-actions.js';
import { nullIfNotFound } from './provider-errors.js';

/** Powers the droplet off, resizes it without its disk, and powers it on again if it was on. */
function toSize(sizeSlug: string, runs: boolean) {
  return (droplet: Droplet): DropletAction | null => {
    const isOn = droplet.status === 'active';
    if (droplet.size_slug !== sizeSlug) {
      return isOn ? { type: 'power_off' } : { type: 'resize', size: sizeSlug, disk: false };
    }
    return runs && !isOn ? { type: 'power_on' } : null;
  };
}

/** Resizes a droplet without its disk, so that compensation can give it its former size. */
export const resizeDroplet = defineStep({
  name: 'ResizeDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string(), sizeSlug: z.string() }),
  notes: ApproachNotes.extend({ sizeBefore: z.string(), wasOn: z.boolean() }),

  async execute({ inputs: { dropletId, sizeSlug }, notes, saveNotes, digitalOcean, pollSeconds }) {
    let { wasOn } = notes;
    if (wasOn === undefined) {
      const droplet = await digitalOcean.droplets.get(dropletId);
      wasOn = droplet.status === 'active';
      await saveNotes({ sizeBefore: droplet.size_slug, wasOn });
    }
    return reachState({ digitalOcean, dropletId, pollSeconds, notes, saveNotes, nextAction: toSize(sizeSlug, wasOn) });
  },

  async compensate({ inputs: { dropletId }, notes, saveNotes, digitalOcean, pollSeconds }) {
    const { sizeBefore, wasOn = false } = notes;
    if (sizeBefore === undefined || !(await nullIfNotFound(digitalOcean.droplets.get(dropletId)))) return done();
    return reachState({
      digitalOcean,
      dropletId,
      pollSeconds,
      notes,
      saveNotes,
      nextAction: toSize(sizeBefore, wasOn),
    });
  },
});
