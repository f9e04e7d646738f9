import type { App } from '../../context.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import type { CommitPosition } from '../live/commit-order.js';
import { AFTER, BEHIND_OPEN, commitStream, HORIZON, ORDER } from '../live/commit-stream.js';
import type { LiveStream } from '../live/live-stream.js';

export const SYNC_TOPIC = 'sync';

/** One event of a sync run, from `sync_events` or, where it tells of a resource, from `cloud_resource_events`. */
export interface SyncStreamRow {
  readonly type: string;
  readonly at: Date;
  readonly runId: string;
  readonly scope: SyncScope;
  readonly resourceId: string | null;
  readonly message: string | null;
}

const READ_AFTER = `
  with ${HORIZON}
  select event.stream_epoch::text as "streamEpoch", event.xid::text, event.id::text, event.type, event.at,
    event.run_id as "runId", run.scope, event.resource_id as "resourceId", event.message
  from (
    (select stream_epoch, xid, id, type, at, run_id, null::uuid as resource_id, message from sync_events
     where ${AFTER} order by ${ORDER} limit $4)
    union all
    (select stream_epoch, xid, id, 'resource_' || type, at, run_id, resource_id, null from cloud_resource_events
     where run_id is not null and ${AFTER} order by ${ORDER} limit $4)
  ) event
  join sync_runs run on run.id = event.run_id
  order by event.stream_epoch, event.xid, event.id limit $4`;

const IS_HELD = `
  with ${HORIZON}
  select exists (select from sync_events where ${BEHIND_OPEN})
    or exists (select from cloud_resource_events where run_id is not null and ${BEHIND_OPEN}) as held`;

/** What every sync run did, in commit order. */
export function syncStream(app: Pick<App, 'reads' | 'live'>): LiveStream<SyncStreamRow, CommitPosition> {
  return app.live.stream('sync', () =>
    commitStream<SyncStreamRow>(app, { topic: SYNC_TOPIC, readAfter: READ_AFTER, isHeld: IS_HELD }),
  );
}
