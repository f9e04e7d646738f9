import { z } from 'zod';
import { snapshotName } from '../core/sagas/saga-names.js';
import type { DigitalOceanClient } from '../integrations/digitalocean/client.js';
import { again, defineStep, done, failed } from '../services/sagas/step.js';
import { isActionInProgress, nullIfNotFound } from './provider-errors.js';

/** Polls of the listing once the action is completed: the listing lags (spec §3). */
const MAX_POLLS = 12;

const Output = z.object({ snapshotId: z.string(), snapshotName: z.string() });
const Notes = z.object({
  isRequested: z.boolean(),
  /** The droplet's newest action before ours; null: it had none. */
  actionBefore: z.string().nullable(),
  actionId: z.string().nullable(),
  polls: z.int(),
});

/** Takes one snapshot of a droplet, under a name that is unique to this saga. */
export const createDropletSnapshot = defineStep({
  name: 'CreateDropletSnapshot',
  version: 1,
  inputs: z.object({ dropletId: z.string() }),
  output: Output,
  notes: Notes,
  // An hour at five seconds a poll: a large disk takes long.
  maxPolls: 720,

  async execute({ sagaId, inputs: { dropletId }, notes, saveNotes, digitalOcean, pollSeconds }) {
    const name = snapshotName(dropletId, sagaId);
    const known = await findSnapshot(digitalOcean, dropletId, name);
    if (known) return done({ snapshotId: known, snapshotName: name });

    let actionId = notes.actionId ?? null;
    if (notes.isRequested && actionId === null) {
      // The answer to the request was lost: a snapshot action newer than those before the request is ours.
      actionId = await newestSnapshotAction(digitalOcean, dropletId, notes.actionBefore ?? null);
      if (actionId !== null) await saveNotes({ actionId });
    }
    if (actionId === null) {
      await saveNotes({ isRequested: true, actionBefore: await newestAction(digitalOcean, dropletId), polls: 0 });
      try {
        const action = await digitalOcean.droplets.action(dropletId, { type: 'snapshot', name });
        await saveNotes({ actionId: action.id });
      } catch (error) {
        if (!isActionInProgress(error)) throw error;
        await saveNotes({ isRequested: false });
        return again(pollSeconds, 'another action of the droplet is under way');
      }
      return again(pollSeconds, 'the snapshot is being taken');
    }

    const action = await digitalOcean.actions.get(actionId);
    if (action.status === 'in-progress') return again(pollSeconds, 'the snapshot is being taken');
    if (action.status === 'errored') {
      await saveNotes({ isRequested: false, actionId: null });
      return failed('retryable', `DigitalOcean could not take the snapshot: action ${actionId} errored`);
    }
    const polls = (notes.polls ?? 0) + 1;
    if (polls > MAX_POLLS) return failed('permanent', `the snapshot ${name} is not listed after ${MAX_POLLS} polls`);
    await saveNotes({ polls });
    return again(pollSeconds, 'the snapshot is taken and not listed yet');
  },

  async compensate({ sagaId, inputs: { dropletId }, notes, saveNotes, output, digitalOcean, pollSeconds }) {
    if (output) {
      await digitalOcean.snapshots.delete(output.snapshotId);
      return done();
    }
    if (!notes.isRequested) return done();
    const known = await findSnapshot(digitalOcean, dropletId, snapshotName(dropletId, sagaId));
    if (known) {
      await digitalOcean.snapshots.delete(known);
      await saveNotes({ isRequested: false });
      return done();
    }
    const actionId =
      notes.actionId ?? (await newestSnapshotAction(digitalOcean, dropletId, notes.actionBefore ?? null));
    const action = actionId === null ? null : await nullIfNotFound(digitalOcean.actions.get(actionId));
    if (action?.status === 'errored') return done();
    if (action?.status === 'in-progress') return again(pollSeconds, 'the snapshot is still being taken');
    const polls = (notes.polls ?? 0) + 1;
    if (polls > 2 * MAX_POLLS) return done();
    await saveNotes({ polls });
    return again(pollSeconds, 'looking for the snapshot that may have been taken');
  },
});

/** Searches the droplet's snapshots, or all snapshots if the droplet is gone. */
async function findSnapshot(digitalOcean: DigitalOceanClient, dropletId: string, name: string): Promise<string | null> {
  const find = async (pages: AsyncIterable<{ items: readonly { id: string; name: string }[] }>) => {
    for await (const { items } of pages) {
      const found = items.find((snapshot) => snapshot.name === name);
      if (found) return { id: found.id };
    }
    return { id: null };
  };
  const below = await nullIfNotFound(find(digitalOcean.droplets.snapshots(dropletId)));
  return (below ?? (await find(digitalOcean.snapshots.pages({ resource_type: 'droplet' })))).id;
}

async function newestAction(digitalOcean: DigitalOceanClient, dropletId: string): Promise<string | null> {
  for await (const { items } of digitalOcean.droplets.actions(dropletId)) return items[0]?.id ?? null;
  return null;
}

/** The newest snapshot action after the action `after`; null: there is none. */
async function newestSnapshotAction(
  digitalOcean: DigitalOceanClient,
  dropletId: string,
  after: string | null,
): Promise<string | null> {
  const find = async () => {
    for await (const { items } of digitalOcean.droplets.actions(dropletId)) {
      for (const action of items) {
        if (action.id === after) return null;
        if (action.type === 'snapshot') return action.id;
      }
    }
    return null;
  };
  return nullIfNotFound(find());
}
