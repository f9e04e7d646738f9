import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { again, done, failed, type StepAnswer } from '../services/sagas/step.js';
import { isUnderWay, unlessAbsent } from './refusals.js';

/** Looks at a droplet, a poll apart, that does not show yet what its completed action did. */
const LOOKS = 12;

/** What a step that approaches a state notes. */
export const KeptApproach = z.object({
  /** The action that it last asked for. */
  asked: z.object({ id: z.string(), type: z.string() }).nullable(),
  looks: z.int(),
});
type KeptApproach = z.infer<typeof KeptApproach>;

export interface Approach {
  readonly digitalOcean: DigitalOceanClient;
  readonly dropletId: string;
  readonly pollSeconds: number;
  readonly kept: Partial<KeptApproach>;
  readonly keep: (more: Partial<KeptApproach>) => Promise<void>;
  /** The next action that brings this droplet nearer to what is wanted; null: it is what is wanted. */
  readonly nextAction: (droplet: Droplet) => DropletAction | null;
}

/**
 * Brings a droplet to a wanted state, one action at a time, by what it shows now: so it does not matter which answers
 * were lost. While an action is under way the provider takes no other, and a droplet lags behind its completed action.
 */
export async function approach(task: Approach): Promise<StepAnswer<Record<string, never>>> {
  const { digitalOcean, dropletId, pollSeconds, kept, keep, nextAction } = task;
  const asked = kept.asked ?? null;
  const action = asked && (await unlessAbsent(digitalOcean.actions.get(asked.id)));
  if (asked && action?.status === 'in-progress') return again(pollSeconds, `waiting for ${asked.type}`);
  if (asked && action?.status === 'errored') {
    await keep({ asked: null });
    return failed('retryable', `DigitalOcean could not ${asked.type} droplet ${dropletId}: action ${asked.id} errored`);
  }
  const next = nextAction(await digitalOcean.droplets.get(dropletId));
  if (next === null) return done();
  const looks = (kept.looks ?? 0) + 1;
  if (next.type === asked?.type && looks <= LOOKS) {
    await keep({ looks });
    return again(pollSeconds, `${next.type} is done and not shown yet`);
  }
  try {
    const { id } = await digitalOcean.droplets.action(dropletId, next);
    await keep({ asked: { id, type: next.type }, looks: 0 });
  } catch (error) {
    if (!isUnderWay(error)) throw error;
  }
  return again(pollSeconds, `waiting for ${next.type}`);
}
