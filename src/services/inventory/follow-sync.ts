import type { App } from '../../context.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import { decodeCommitCursor } from '../live/commit-order.js';
import { checkStreamStart } from '../live/commit-stream.js';
import { follow } from '../live/follow.js';
import { type FollowedSyncEvent, syncStream } from './sync-stream.js';

/**
 * The events of sync runs after the cursor `after`, or live only without it. Null scopes: all. Throws BAD_USER_INPUT for
 * a bad cursor.
 */
export async function followSync(
  app: Pick<App, 'reads' | 'live'>,
  after: string | null | undefined,
  scopes: readonly SyncScope[] | null | undefined,
): Promise<AsyncIterableIterator<FollowedSyncEvent>> {
  const selected = scopes ? new Set(scopes) : null;
  const position = after ? decodeCommitCursor(after, 'after') : null;
  await checkStreamStart(app, position?.epoch ?? null);
  return follow(syncStream(app), {
    after: position,
    toEvent: ({ row }) => (selected && !selected.has(row.scope) ? null : row),
  });
}
