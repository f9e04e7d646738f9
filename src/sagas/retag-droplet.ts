import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import { defineStep, done } from '../services/sagas/step.js';
import { nullIfNotFound } from './provider-errors.js';

/** Sets a droplet's tags. */
export const retagDroplet = defineStep({
  name: 'RetagDroplet',
  version: 1,
  inputs: z.object({ dropletId: z.string(), tags: z.array(z.string()) }),
  notes: z.object({ tagsBefore: z.array(z.string()) }),

  async execute({ inputs: { dropletId, tags }, notes, saveNotes, digitalOcean }) {
    const present = (await digitalOcean.droplets.get(dropletId)).tags;
    if (notes.tagsBefore === undefined) await saveNotes({ tagsBefore: present });
    await setTags(digitalOcean, dropletId, present, tags);
    return done();
  },

  async compensate({ inputs: { dropletId }, notes: { tagsBefore }, digitalOcean }) {
    const droplet = await nullIfNotFound(digitalOcean.droplets.get(dropletId));
    if (tagsBefore !== undefined && droplet) await setTags(digitalOcean, dropletId, droplet.tags, tagsBefore);
    return done();
  },
});

async function setTags(
  { tags }: DigitalOceanClient,
  dropletId: string,
  present: readonly string[],
  wanted: readonly string[],
): Promise<void> {
  for (const tag of wanted) if (!isAmong(present, tag)) await tags.tagDroplet(dropletId, tag);
  for (const tag of present) if (!isAmong(wanted, tag)) await tags.untagDroplet(dropletId, tag);
}

/** Tags that differ only in case are one tag at the provider: adding one and removing the other would lose the tag. */
function isAmong(all: readonly string[], tag: string): boolean {
  return all.some((each) => each.toLowerCase() === tag.toLowerCase());
}
