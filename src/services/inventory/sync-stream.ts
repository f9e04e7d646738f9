import { z } from 'zod';
import type { App } from '../../context.js';
import { SYNC_SCOPES } from '../../core/inventory/sync-scope.js';
import { type RowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import type { CommitPosition } from '../live/commit-order.js';
import { BEHIND_OPEN, commitStream, HORIZON, isAfter, ORDER } from '../live/commit-stream.js';
import type { LiveStream } from '../live/live-stream.js';

export const SYNC_TOPIC = 'sync';

/** One event of a sync run: a row of `sync_events`, or one of `cloud_resource_events` that a run wrote. */
const SyncEventRow = rowShape({
  type: z.string(),
  at: z.date(),
  runId: z.string(),
  scope: z.enum(SYNC_SCOPES),
  resourceId: z.string().nullable(),
  message: z.string().nullable(),
});

/** An event of a sync run with its cursor. All subscribers of a process share the object. */
export type FollowedSyncEvent = RowOf<typeof SyncEventRow> & { readonly cursor: string };

function readAfter(position: CommitPosition, limit: number) {
  return sql`/* read-sync-stream */ with ${HORIZON}
  select event.stream_epoch as "streamEpoch", event.xid, event.id, event.type, event.at,
    event.run_id as "runId", run.scope, event.resource_id as "resourceId", event.message
  from (
    (select stream_epoch, xid, id, type, at, run_id, null::uuid as resource_id, message from sync_events
     where ${isAfter(position)} order by ${ORDER} limit ${limit})
    union all
    (select stream_epoch, xid, id, 'resource_' || type, at, run_id, resource_id, null from cloud_resource_events
     where run_id is not null and ${isAfter(position)} order by ${ORDER} limit ${limit})
  ) event
  join sync_runs run on run.id = event.run_id
  order by event.stream_epoch, event.xid, event.id limit ${limit}`;
}

const IS_HELD = sql`/* is-sync-stream-held */ with ${HORIZON}
  select exists (select from sync_events where ${BEHIND_OPEN})
    or exists (select from cloud_resource_events where run_id is not null and ${BEHIND_OPEN}) as held`;

/** The events of all sync runs, in commit order. */
export function syncStream(app: Pick<App, 'reads' | 'live'>): LiveStream<FollowedSyncEvent, CommitPosition> {
  return app.live.stream('sync', () =>
    commitStream(app, { topic: SYNC_TOPIC, row: SyncEventRow, readAfter, isHeld: IS_HELD }),
  );
}
