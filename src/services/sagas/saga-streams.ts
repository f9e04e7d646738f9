import { z } from 'zod';
import type { App } from '../../context.js';
import { type RowOf, rowOf, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaEvent } from '../../entities/saga-event.js';
import type { CommitPosition } from '../live/commit-order.js';
import { BEHIND_OPEN, commitStream, HORIZON, isAfter, ORDER } from '../live/commit-stream.js';
import type { LiveStream } from '../live/live-stream.js';
import { SAGAS_TOPIC, sagaTopic } from './write-saga.js';

const EventColumns = rowOf(SagaEvent, [
  'sagaId',
  'sequence',
  'type',
  'at',
  'stepIndex',
  'stepName',
  'message',
  'status',
]);
const SagaEventRow = rowWith(EventColumns, { tenantId: z.string().nullable() });

/** An event of a saga with its cursor. All subscribers of a process share the object. */
export type FollowedSagaEvent = RowOf<typeof SagaEventRow> & { readonly cursor: string };

/** A failover to a standby that lagged repeats the last sequence numbers of a saga: the epoch tells them apart. */
export interface SagaPosition {
  readonly epoch: bigint;
  readonly sequence: number;
}

export function encodeSagaCursor({ epoch, sequence }: SagaPosition): string {
  return Buffer.from(`#${epoch}.${sequence}`).toString('base64url');
}

const HeadRow = rowOf(SagaEvent, ['streamEpoch', 'sequence']);
const PositionedRow = rowWith(SagaEventRow, { streamEpoch: z.string() });

/** One saga's events by their sequence numbers. The row's lock orders them, so that a lower one never comes later. */
export function sagaStream(app: Pick<App, 'reads' | 'live'>, id: string): LiveStream<FollowedSagaEvent, SagaPosition> {
  const compare = (a: SagaPosition, b: SagaPosition) =>
    a.epoch === b.epoch ? a.sequence - b.sequence : a.epoch < b.epoch ? -1 : 1;
  return app.live.stream(`saga:${id}`, () => ({
    topic: sagaTopic(id),
    compare,
    async head() {
      const last = await app.reads.maybeOne(
        HeadRow,
        sql`/* read-saga-head */ select ${HeadRow.columns('event')} from saga_events event
          where event.saga_id = ${id} order by event.sequence desc limit 1`,
      );
      const position = { epoch: BigInt(last?.streamEpoch ?? 0), sequence: last?.sequence ?? 0 };
      return { position, isPast: (other: SagaPosition) => compare(other, position) <= 0 };
    },
    async readAfter(after, limit) {
      const rows = await app.reads.many(
        PositionedRow,
        sql`/* read-saga-stream */ select event.stream_epoch as "streamEpoch", ${EventColumns.columns('event')},
          saga.tenant_id as "tenantId"
         from saga_events event join saga_runs saga on saga.id = event.saga_id
         where event.saga_id = ${id}
           and (event.stream_epoch, event.sequence) > (${String(after.epoch)}::bigint, ${after.sequence}::int)
         order by event.stream_epoch, event.sequence limit ${limit}`,
      );
      const entries = rows.map((row) => {
        const position = { epoch: BigInt(row.streamEpoch), sequence: row.sequence };
        return { position, row: { ...row, cursor: encodeSagaCursor(position) } };
      });
      return { entries, held: false };
    },
  }));
}

function readAfter(position: CommitPosition, limit: number) {
  return sql`/* read-sagas-stream */ with ${HORIZON}
  select event.stream_epoch as "streamEpoch", event.xid, event.id, ${EventColumns.columns('event')},
    saga.tenant_id as "tenantId"
  from (select * from saga_events where ${isAfter(position)} order by ${ORDER} limit ${limit}) event
  join saga_runs saga on saga.id = event.saga_id
  order by event.stream_epoch, event.xid, event.id`;
}

const IS_HELD = sql`/* is-sagas-stream-held */ with ${HORIZON}
  select exists (select from saga_events where ${BEHIND_OPEN}) as held`;

/** Every saga's events, in commit order. */
export function allSagasStream(app: Pick<App, 'reads' | 'live'>): LiveStream<FollowedSagaEvent, CommitPosition> {
  return app.live.stream('sagas', () =>
    commitStream(app, { topic: SAGAS_TOPIC, row: SagaEventRow, readAfter, isHeld: IS_HELD }),
  );
}
