import type { App } from '../../context.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import { type CommitPosition, decodeCommitCursor, encodeCommitCursor } from '../live/commit-order.js';
import { checkStreamStart } from '../live/commit-stream.js';
import { follow } from '../live/follow.js';
import type { StreamEntry } from '../live/live-stream.js';
import { type SyncStreamRow, syncStream } from './sync-stream.js';

export interface FollowedSyncEvent extends SyncStreamRow {
  readonly cursor: string;
}

/** One event object an entry in this process, whoever follows: what is made of it once serves every subscriber. */
const eventOf = new WeakMap<StreamEntry<SyncStreamRow, CommitPosition>, FollowedSyncEvent>();

/** What sync runs do from `after` on, or live only without it. Null scopes: all. Throws BAD_USER_INPUT for a bad cursor. */
export async function followSync(
  app: Pick<App, 'reads' | 'live'>,
  after: string | null | undefined,
  scopes: readonly SyncScope[] | null | undefined,
): Promise<AsyncIterableIterator<FollowedSyncEvent>> {
  const wanted = scopes ? new Set(scopes) : null;
  const position = after ? decodeCommitCursor(after, 'after') : null;
  await checkStreamStart(app, position?.epoch ?? null);
  return follow(syncStream(app), {
    after: position,
    toEvent: (entry) => (wanted && !wanted.has(entry.row.scope) ? null : sharedEvent(entry)),
  });
}

function sharedEvent(entry: StreamEntry<SyncStreamRow, CommitPosition>): FollowedSyncEvent {
  const known = eventOf.get(entry);
  if (known) return known;
  const event = { ...entry.row, cursor: encodeCommitCursor(entry.position) };
  eventOf.set(entry, event);
  return event;
}
