import { z } from 'zod';
import { sagaTag } from '../core/sagas/saga-names.js';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { Droplet } from '../integrations/digitalocean/droplets.js';
import { forgetProvisioned, provision } from '../services/drift/provisioned-specs.js';
import { findDropletResource } from '../services/inventory/find-droplet-resource.js';
import { observe } from '../services/inventory/observe.js';
import { removeResource } from '../services/inventory/remove-resource.js';
import { normalizeDroplet } from '../services/inventory/scopes/normalize-droplet.js';
import { again, defineStep, done } from '../services/sagas/step.js';
import { isActionInProgress } from './provider-errors.js';

const Inputs = z.object({ name: z.string(), sizeSlug: z.string(), image: z.string(), region: z.string() });
type Inputs = z.infer<typeof Inputs>;

/** Brings the droplet into the inventory at once, with the state that was asked for: size, region, image, name and tags. */
export const registerDroplet = register(2, (droplet, inputs) => ({
  ...placeOf(droplet, inputs),
  name: inputs.name,
  // As it was made: what was asked for and the tags that name its saga.
  tags: droplet.tags,
}));

/** Of sagas that began when name and tags were no part of the spec. */
export const registerDropletV1 = register(1, placeOf);

function placeOf(droplet: Droplet, { sizeSlug, region, image }: Inputs): Record<string, unknown> {
  return { size_slug: sizeSlug, region, image: imageIn(droplet, image) };
}

function register(version: number, specOf: (droplet: Droplet, inputs: Inputs) => Record<string, unknown>) {
  return defineStep({
    name: 'RegisterDroplet',
    version,
    inputs: Inputs,
    context: z.object({ dropletId: z.string() }),
    output: z.object({ resourceId: z.string() }),

    async execute({ sagaId, actor, clock, inputs, context: { dropletId }, digitalOcean, pollSeconds, write }) {
      const isAlone = await destroyOthers(digitalOcean, sagaId, dropletId);
      if (!isAlone) return again(pollSeconds, 'a second droplet of this saga came to light; it is destroyed');
      const droplet = await digitalOcean.droplets.get(dropletId);
      const resourceId = await write(async (db) => {
        const at = clock();
        await observe(db, { actor, at, run: null }, [normalizeDroplet(droplet)]);
        const id = (await findDropletResource(db, dropletId)) as string;
        await provision(db, { resourceId: id, spec: specOf(droplet, inputs), sagaId, at });
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
}

/**
 * A request that nobody waited for any more may have made a second droplet after all. Answers whether the saga's droplet
 * is the only one that bears its tag.
 */
async function destroyOthers(digitalOcean: DigitalOceanClient, sagaId: string, dropletId: string): Promise<boolean> {
  const tagged = await digitalOcean.droplets.findByTag(sagaTag(sagaId));
  const others = tagged.filter(({ id }) => id !== dropletId);
  for (const { id } of others) {
    try {
      await digitalOcean.droplets.destroy(id);
    } catch (error) {
      if (!isActionInProgress(error)) throw error;
    }
  }
  return others.length === 0;
}

/** The image that was asked for, as the inventory calls it: one asked for by its id may be known there by its slug. */
function imageIn({ image }: Droplet, asked: string): string {
  return image?.id === asked ? (image.slug ?? asked) : asked;
}
