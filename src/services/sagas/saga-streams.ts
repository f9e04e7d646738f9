import type { App } from '../../context.js';
import type { SagaEventType, SagaStatus } from '../../core/sagas/sagas.js';
import type { CommitPosition } from '../live/commit-order.js';
import { AFTER, BEHIND_OPEN, commitStream, HORIZON, ORDER } from '../live/commit-stream.js';
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

/** The epoch keeps numbers apart that a saga gave twice: a failover to a standby that lagged takes the last ones back. */
export interface SagaPosition {
  readonly epoch: bigint;
  readonly sequence: number;
}

/** One saga's events by their own numbers: given under the row's lock, so that a lower one never comes later. */
export function sagaStream(app: Pick<App, 'reads' | 'live'>, id: string): LiveStream<SagaStreamRow, SagaPosition> {
  const compare = (a: SagaPosition, b: SagaPosition) =>
    a.epoch === b.epoch ? a.sequence - b.sequence : a.epoch < b.epoch ? -1 : 1;
  return app.live.stream(`saga:${id}`, () => ({
    topic: sagaTopic(id),
    compare,
    async head() {
      const [last] = await app.reads.query<{ epoch: string; sequence: number }>(
        `select stream_epoch::text as epoch, sequence from saga_events where saga_id = $1
         order by sequence desc limit 1`,
        [id],
      );
      const position = { epoch: BigInt(last?.epoch ?? 0), sequence: last?.sequence ?? 0 };
      return { position, isPast: (other: SagaPosition) => compare(other, position) <= 0 };
    },
    async readAfter(position, limit) {
      const rows = await app.reads.query<SagaStreamRow & { epoch: string }>(
        `select event.stream_epoch::text as epoch, ${COLUMNS}
         from saga_events event join saga_runs saga on saga.id = event.saga_id
         where event.saga_id = $1 and (event.stream_epoch, event.sequence) > ($2::bigint, $3::int)
         order by event.stream_epoch, event.sequence limit $4`,
        [id, String(position.epoch), position.sequence, limit],
      );
      const entries = rows.map(({ epoch, ...row }) => ({
        position: { epoch: BigInt(epoch), sequence: row.sequence },
        row,
      }));
      return { entries, held: false };
    },
  }));
}

const READ_AFTER = `
  with ${HORIZON}
  select event.stream_epoch::text as "streamEpoch", event.xid::text, event.id::text, ${COLUMNS}
  from (select * from saga_events where ${AFTER} order by ${ORDER} limit $4) event
  join saga_runs saga on saga.id = event.saga_id
  order by event.stream_epoch, event.xid, event.id`;

const IS_HELD = `with ${HORIZON} select exists (select from saga_events where ${BEHIND_OPEN}) as held`;

/** Every saga's events, in commit order. */
export function allSagasStream(app: Pick<App, 'reads' | 'live'>): LiveStream<SagaStreamRow, CommitPosition> {
  return app.live.stream('sagas', () =>
    commitStream<SagaStreamRow>(app, { topic: SAGAS_TOPIC, readAfter: READ_AFTER, isHeld: IS_HELD }),
  );
}
