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

/** Adds the droplet to the inventory, with a spec of its size, region, image, name and tags. */
export const registerDroplet = register(2, (droplet, inputs) => ({
  ...placeOf(droplet, inputs),
  name: inputs.name,
  // As created: the requested tags and those that name the saga.
  tags: droplet.tags,
}));

/** For sagas that started when name and tags were not part of the spec. */
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
      if (!isAlone) return again(pollSeconds, 'destroying a second droplet of this saga');
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
 * A request that timed out may have created a second droplet. Destroys the others, and returns whether the saga's droplet
 * was the only one with the saga's tag.
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

/** The requested image as the inventory names it: an image that was requested by its id may have a slug. */
function imageIn({ image }: Droplet, requested: string): string {
  return image?.id === requested ? (image.slug ?? requested) : requested;
}
