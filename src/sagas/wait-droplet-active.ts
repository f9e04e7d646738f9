import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import { publicIpv4 } from '../integrations/digitalocean/droplets.js';
import { again, defineStep, done, failed } from '../services/sagas/step.js';
import { nullIfNotFound } from './provider-errors.js';

/** Waits until the droplet is active and has a public IPv4, which can come later. */
export const waitDropletActive = defineStep({
  name: 'WaitDropletActive',
  version: 1,
  inputs: z.object({}),
  context: z.object({ dropletId: z.string(), createActionId: z.string().nullish() }),
  output: z.object({ ipv4: z.string() }),
  maxPolls: 96,

  async execute({ context: { dropletId, createActionId }, digitalOcean, pollSeconds }) {
    // The provider answers 404 for a new droplet for a while, and forever for one that it could not create.
    const droplet = await nullIfNotFound(digitalOcean.droplets.get(dropletId));
    const ipv4 = droplet && publicIpv4(droplet);
    if (droplet?.status === 'active' && ipv4) return done({ ipv4 });
    if (await hasErrored(digitalOcean, dropletId, createActionId ?? null)) {
      return failed('permanent', `DigitalOcean could not create droplet ${dropletId}: its create action errored.`);
    }
    if (!droplet) return again(pollSeconds, 'the droplet is not listed yet');
    return again(
      pollSeconds,
      droplet.status === 'active' ? 'active, without an address yet' : `droplet is ${droplet.status}`,
    );
  },
});

async function hasErrored(
  digitalOcean: DigitalOceanClient,
  dropletId: string,
  createActionId: string | null,
): Promise<boolean> {
  if (createActionId !== null) {
    const action = await nullIfNotFound(digitalOcean.actions.get(createActionId));
    return action?.status === 'errored';
  }
  const first = await nullIfNotFound(firstPage(digitalOcean.droplets.actions(dropletId)));
  return first?.some((action) => action.type === 'create' && action.status === 'errored') ?? false;
}

/** The whole history of a new droplet fits into one page. */
async function firstPage<T>(pages: AsyncIterable<{ readonly items: readonly T[] }>): Promise<readonly T[]> {
  for await (const { items } of pages) return items;
  return [];
}
