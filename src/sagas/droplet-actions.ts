import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { again, done, type StepAnswer } from '../services/sagas/step.js';
import { isUnderWay } from './refusals.js';

export interface DropletTask {
  readonly digitalOcean: DigitalOceanClient;
  readonly dropletId: string;
  readonly pollSeconds: number;
  /** The next action that brings this droplet nearer to what is wanted; null: it is what is wanted. */
  readonly nextAction: (droplet: Droplet) => DropletAction | null;
}

/**
 * Brings a droplet to a wanted state, one action at a time, by what it shows now: so it does not matter which answers
 * were lost. While an action is under way the provider takes no other.
 */
export async function approach(task: DropletTask): Promise<StepAnswer<Record<string, never>>> {
  const { digitalOcean, dropletId, pollSeconds, nextAction } = task;
  const action = nextAction(await digitalOcean.droplets.get(dropletId));
  if (action === null) return done();
  try {
    await digitalOcean.droplets.action(dropletId, action);
  } catch (error) {
    if (!isUnderWay(error)) throw error;
  }
  return again(pollSeconds, `waiting for ${action.type}`);
}
