import type { App } from '../../context.js';
import type { SyncScope } from '../../core/sync-scope.js';
import { type CommitPosition, commitHead, compareCommitPositions } from '../live/commit-order.js';
import type { LiveStream, StreamPage } from '../live/live-stream.js';

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

interface RawRow extends SyncStreamRow {
  xid: string;
  id: string;
}

const READ_AFTER = `
  with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid)
  select event.xid::text, event.id::text, event.type, event.at, event.run_id as "runId", run.scope,
    event.resource_id as "resourceId", event.message
  from (
    (select xid, id, type, at, run_id, null::uuid as resource_id, message from sync_events
     where (xid, id) > ($1::text::xid8, $2::bigint) and xid < (select xid from horizon) order by xid, id limit $3)
    union all
    (select xid, id, 'resource_' || type, at, run_id, resource_id, null from cloud_resource_events
     where run_id is not null and (xid, id) > ($1::text::xid8, $2::bigint) and xid < (select xid from horizon)
     order by xid, id limit $3)
  ) event
  join sync_runs run on run.id = event.run_id
  order by event.xid, event.id limit $3`;

const IS_HELD = `
  select exists (select from sync_events where xid >= pg_snapshot_xmin(pg_current_snapshot()))
    or exists (select from cloud_resource_events where run_id is not null and xid >= pg_snapshot_xmin(pg_current_snapshot())) as held`;

/** What every sync run did, in commit order. */
export function syncStream(app: Pick<App, 'reads' | 'live'>): LiveStream<SyncStreamRow, CommitPosition> {
  return app.live.stream('sync', () => ({
    topic: SYNC_TOPIC,
    compare: compareCommitPositions,
    async head() {
      const [row] = await app.reads.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot', []);
      return commitHead(row?.snapshot ?? '');
    },
    async readAfter(position, limit): Promise<StreamPage<SyncStreamRow, CommitPosition>> {
      const rows = await app.reads.query<RawRow>(READ_AFTER, [String(position.xid), String(position.id), limit]);
      const entries = rows.map(({ xid, id, ...row }) => ({ position: { xid: BigInt(xid), id: BigInt(id) }, row }));
      if (entries.length > 0) return { entries, held: true };
      const [state] = await app.reads.query<{ held: boolean }>(IS_HELD, []);
      return { entries, held: state?.held ?? false };
    },
  }));
}
