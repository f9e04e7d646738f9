import { z } from 'zod';
import type { Droplet } from '../integrations/digitalocean/droplets.js';
import { forgetProvisioned, provision } from '../services/drift/provisioned-specs.js';
import { findDropletResource } from '../services/inventory/find-droplet-resource.js';
import { observe } from '../services/inventory/observe.js';
import { removeResource } from '../services/inventory/remove-resource.js';
import { normalizeDroplet } from '../services/inventory/scopes/normalize-droplet.js';
import { defineStep, done } from '../services/sagas/step.js';

/** Brings the droplet into the inventory at once, with the state that was asked for. */
export const registerDroplet = defineStep({
  name: 'RegisterDroplet',
  version: 1,
  inputs: z.object({ sizeSlug: z.string(), image: z.string(), region: z.string() }),
  context: z.object({ dropletId: z.string() }),
  output: z.object({ resourceId: z.string() }),

  async execute({ sagaId, actor, clock, inputs, context: { dropletId }, digitalOcean, write }) {
    const droplet = await digitalOcean.droplets.get(dropletId);
    const resourceId = await write(async (db) => {
      const at = clock();
      await observe(db, { actor, at, run: null }, [normalizeDroplet(droplet)]);
      const id = (await findDropletResource(db, dropletId)) as string;
      const spec = { size_slug: inputs.sizeSlug, region: inputs.region, image: imageIn(droplet, inputs.image) };
      await provision(db, { resourceId: id, spec, sagaId, at });
      return id;
    });
    return done({ resourceId });
  },

  async compensate({ context: { dropletId }, write }) {
    if (dropletId === undefined) return done();
    await write(async (db) => {
      const resourceId = await findDropletResource(db, dropletId);
      if (resourceId === null) return;
      await forgetProvisioned(db, resourceId);
      await removeResource(db, resourceId);
    });
    return done();
  },
});

/** The image that was asked for, as the inventory calls it: one asked for by its id may be known there by its slug. */
function imageIn({ image }: Droplet, asked: string): string {
  return image?.id === asked ? (image.slug ?? asked) : asked;
}
