import { z } from 'zod';
import { MANAGED_TAG, sagaTag } from '../core/saga-names.js';
import { again, defineStep, done } from '../services/sagas/step.js';
import { isRefusal } from './refusals.js';

/** Looks at a list that lags, a poll apart, before what it does not show is taken for not made. */
const LOOKS = 12;

const Inputs = z.object({
  name: z.string(),
  sizeSlug: z.string(),
  image: z.string(),
  region: z.string(),
  tags: z.array(z.string()),
});
const Output = z.object({ dropletId: z.string(), createActionId: z.string().nullable() });
const Kept = z.object({ isAsked: z.boolean(), looks: z.int() });

/** Makes one droplet for this saga, or adopts the one that already bears its tag. */
export const createDroplet = defineStep({
  name: 'CreateDroplet',
  version: 1,
  inputs: Inputs,
  output: Output,
  kept: Kept,

  async execute({ sagaId, inputs, kept, keep, digitalOcean, pollSeconds }) {
    const tag = sagaTag(sagaId);
    const [made] = await digitalOcean.droplets.findByTag(tag);
    if (made) return done({ dropletId: made.id, createActionId: null });
    if (kept.isAsked) {
      // It was asked for and its answer lost; the list shows a new droplet only after a while.
      const looks = (kept.looks ?? 0) + 1;
      if (looks <= LOOKS) {
        await keep({ looks });
        return again(pollSeconds, 'looking for the droplet that may have been made');
      }
    }
    await keep({ isAsked: true, looks: 0 });
    try {
      const { name, sizeSlug, image, region, tags } = inputs;
      const spec = { name, size: sizeSlug, image, region, tags: [...new Set([...tags, tag, MANAGED_TAG])] };
      const { id, createActionId } = await digitalOcean.droplets.create(spec);
      return done({ dropletId: id, createActionId });
    } catch (error) {
      if (isRefusal(error)) await keep({ isAsked: false });
      throw error;
    }
  },

  // By tag and not by output alone: right even where execute acted and never got to say so.
  async compensate({ sagaId, kept, keep, output, digitalOcean, pollSeconds }) {
    if (!kept.isAsked) return done();
    const tagged = await digitalOcean.droplets.findByTag(sagaTag(sagaId));
    const ids = new Set(tagged.map((droplet) => droplet.id));
    if (output) ids.add(output.dropletId);
    for (const id of ids) await digitalOcean.droplets.destroy(id);
    if (ids.size > 0) {
      await keep({ isAsked: false });
      return done();
    }
    const looks = (kept.looks ?? 0) + 1;
    if (looks > LOOKS) return done();
    await keep({ looks });
    return again(pollSeconds, 'looking for the droplet that may have been made');
  },
});
