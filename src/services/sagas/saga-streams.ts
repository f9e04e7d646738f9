import type { App } from '../../context.js';
import type { SagaEventType, SagaStatus } from '../../core/sagas.js';
import { type CommitPosition, commitHead, compareCommitPositions } from '../live/commit-order.js';
import type { LiveStream } from '../live/live-stream.js';
import { SAGAS_TOPIC, sagaTopic } from './write-saga.js';

export interface SagaStreamRow {
  readonly sagaId: string;
  readonly sequence: number;
  readonly type: SagaEventType;
  readonly at: Date;
  readonly stepIndex: number | null;
  readonly stepName: string | null;
  readonly message: string | null;
  readonly status: SagaStatus;
  readonly tenantId: string | null;
}

const COLUMNS = `event.saga_id as "sagaId", event.sequence, event.type, event.at, event.step_index as "stepIndex",
  event.step_name as "stepName", event.message, event.status, saga.tenant_id as "tenantId"`;

/** One saga's events by their own numbers: given under the row's lock, so that a lower one never comes later. */
export function sagaStream(app: Pick<App, 'reads' | 'live'>, id: string): LiveStream<SagaStreamRow, number> {
  return app.live.stream(`saga:${id}`, () => ({
    topic: sagaTopic(id),
    compare: (a, b) => a - b,
    async head() {
      const [saga] = await app.reads.query<{ head: number }>(
        'select last_sequence as head from saga_runs where id = $1',
        [id],
      );
      const position = saga?.head ?? 0;
      return { position, isPast: (sequence: number) => sequence <= position };
    },
    async readAfter(position, limit) {
      const rows = await app.reads.query<SagaStreamRow>(
        `select ${COLUMNS} from saga_events event join saga_runs saga on saga.id = event.saga_id
         where event.saga_id = $1 and event.sequence > $2 order by event.sequence limit $3`,
        [id, position, limit],
      );
      return { entries: rows.map((row) => ({ position: row.sequence, row })), held: false };
    },
  }));
}

interface RawRow extends SagaStreamRow {
  xid: string;
  id: string;
}

const READ_AFTER = `
  select event.xid::text, event.id::text, ${COLUMNS} from saga_events event join saga_runs saga on saga.id = event.saga_id
  where (event.xid, event.id) > ($1::text::xid8, $2::bigint) and event.xid < pg_snapshot_xmin(pg_current_snapshot())
  order by event.xid, event.id limit $3`;

const IS_HELD = `select exists (select from saga_events where xid >= pg_snapshot_xmin(pg_current_snapshot())) as held`;

/** Every saga's events, in commit order. */
export function allSagasStream(app: Pick<App, 'reads' | 'live'>): LiveStream<SagaStreamRow, CommitPosition> {
  return app.live.stream('sagas', () => ({
    topic: SAGAS_TOPIC,
    compare: compareCommitPositions,
    async head() {
      const [row] = await app.reads.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot', []);
      return commitHead(row?.snapshot ?? '');
    },
    async readAfter(position, limit) {
      const rows = await app.reads.query<RawRow>(READ_AFTER, [String(position.xid), String(position.id), limit]);
      const entries = rows.map(({ xid, id, ...row }) => ({ position: { xid: BigInt(xid), id: BigInt(id) }, row }));
      if (entries.length > 0) return { entries, held: true };
      const [state] = await app.reads.query<{ held: boolean }>(IS_HELD, []);
      return { entries, held: state?.held ?? false };
    },
  }));
}
