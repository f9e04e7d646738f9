import { z } from 'zod';
import { MANAGED_TAG, sagaTag } from '../core/sagas/saga-names.js';
import { again, defineStep, done } from '../services/sagas/step.js';
import { isClientError } from './provider-errors.js';

/** Polls of the list, which lags, before a droplet that it does not show counts as not created. */
const MAX_POLLS = 12;

const Inputs = z.object({
  name: z.string(),
  sizeSlug: z.string(),
  image: z.string(),
  region: z.string(),
  tags: z.array(z.string()),
});
const Output = z.object({ dropletId: z.string(), createActionId: z.string().nullable() });
const Notes = z.object({ isRequested: z.boolean(), polls: z.int() });

/** Creates one droplet for this saga, or adopts the droplet that has the saga's tag already. */
export const createDroplet = defineStep({
  name: 'CreateDroplet',
  version: 1,
  inputs: Inputs,
  output: Output,
  notes: Notes,

  async execute({ sagaId, inputs, notes, saveNotes, digitalOcean, pollSeconds }) {
    const tag = sagaTag(sagaId);
    const [made] = await digitalOcean.droplets.findByTag(tag);
    if (made) return done({ dropletId: made.id, createActionId: null });
    if (notes.isRequested) {
      // The answer to the request was lost. The list shows a new droplet only after a while.
      const polls = (notes.polls ?? 0) + 1;
      if (polls <= MAX_POLLS) {
        await saveNotes({ polls });
        return again(pollSeconds, 'searching for the droplet that may have been created');
      }
    }
    await saveNotes({ isRequested: true, polls: 0 });
    try {
      const { name, sizeSlug, image, region, tags } = inputs;
      const spec = { name, size: sizeSlug, image, region, tags: [...new Set([...tags, tag, MANAGED_TAG])] };
      const { id, createActionId } = await digitalOcean.droplets.create(spec);
      return done({ dropletId: id, createActionId });
    } catch (error) {
      if (isClientError(error)) await saveNotes({ isRequested: false });
      throw error;
    }
  },

  // By tag and not by output alone: execute may have created the droplet without storing its output.
  async compensate({ sagaId, notes, saveNotes, output, digitalOcean, pollSeconds }) {
    if (!notes.isRequested) return done();
    const tagged = await digitalOcean.droplets.findByTag(sagaTag(sagaId));
    const ids = new Set(tagged.map((droplet) => droplet.id));
    if (output) ids.add(output.dropletId);
    for (const id of ids) await digitalOcean.droplets.destroy(id);
    if (ids.size > 0) {
      await saveNotes({ isRequested: false });
      return done();
    }
    const polls = (notes.polls ?? 0) + 1;
    if (polls > MAX_POLLS) return done();
    await saveNotes({ polls });
    return again(pollSeconds, 'searching for the droplet that may have been created');
  },
});
