import { z } from 'zod';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import type { Droplet, DropletAction } from '../integrations/digitalocean/droplets.js';
import { again, done, failed, type StepResult } from '../services/sagas/step.js';
import { isActionInProgress, nullIfNotFound } from './provider-errors.js';

/** Polls of a droplet that does not show the effect of its completed action yet. */
const MAX_POLLS = 12;

/** The notes of a step that uses `reachState`. */
export const ApproachNotes = z.object({
  /** The action that the step last requested. */
  asked: z.object({ id: z.string(), type: z.string() }).nullable(),
  polls: z.int(),
});
type ApproachNotes = z.infer<typeof ApproachNotes>;

export interface ReachState {
  readonly digitalOcean: DigitalOceanClient;
  readonly dropletId: string;
  readonly pollSeconds: number;
  readonly notes: Partial<ApproachNotes>;
  readonly saveNotes: (more: Partial<ApproachNotes>) => Promise<void>;
  /** The next action towards the wanted state; null: the droplet is in it. */
  readonly nextAction: (droplet: Droplet) => DropletAction | null;
}

/**
 * Brings a droplet to a wanted state, one action at a time. The next action follows from the droplet's present state, so
 * that lost answers do no harm. The provider rejects an action while another one is under way, and a droplet shows the
 * effect of a completed action only after a while.
 */
export async function reachState(task: ReachState): Promise<StepResult<Record<string, never>>> {
  const { digitalOcean, dropletId, pollSeconds, notes, saveNotes, nextAction } = task;
  const asked = notes.asked ?? null;
  const action = asked && (await nullIfNotFound(digitalOcean.actions.get(asked.id)));
  if (asked && action?.status === 'in-progress') return again(pollSeconds, `waiting for ${asked.type}`);
  if (asked && action?.status === 'errored') {
    await saveNotes({ asked: null });
    return failed('retryable', `DigitalOcean could not ${asked.type} droplet ${dropletId}: action ${asked.id} errored`);
  }
  const next = nextAction(await digitalOcean.droplets.get(dropletId));
  if (next === null) return done();
  const polls = (notes.polls ?? 0) + 1;
  if (next.type === asked?.type && polls <= MAX_POLLS) {
    await saveNotes({ polls });
    return again(pollSeconds, `${next.type} is done, and the droplet does not show it yet`);
  }
  try {
    const { id } = await digitalOcean.droplets.action(dropletId, next);
    await saveNotes({ asked: { id, type: next.type }, polls: 0 });
  } catch (error) {
    if (!isActionInProgress(error)) throw error;
  }
  return again(pollSeconds, `waiting for ${next.type}`);
}
