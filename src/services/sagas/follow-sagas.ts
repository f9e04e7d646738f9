import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import { isFinished } from '../../core/sagas/sagas.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { SagaEvent } from '../../entities/saga-event.js';
import { BadUserInputError } from '../../errors.js';
import { decodeCommitCursor } from '../live/commit-order.js';
import { checkStreamStart } from '../live/commit-stream.js';
import { follow } from '../live/follow.js';
import { getSaga } from './list-sagas.js';
import {
  allSagasStream,
  encodeSagaCursor,
  type FollowedSagaEvent,
  type SagaPosition,
  sagaStream,
} from './saga-streams.js';

type FollowApp = Pick<App, 'reads' | 'live'>;

/**
 * One saga from its first event, or after a cursor, and then live until its last event. Throws NOT_FOUND if there is no
 * such saga that the viewer may see, BAD_USER_INPUT for a bad cursor.
 */
export async function followSaga(
  app: FollowApp,
  viewer: Viewer,
  id: string,
  after: string | null | undefined,
): Promise<AsyncIterableIterator<FollowedSagaEvent>> {
  await getSaga(app, viewer, id);
  const from = after ? await decodeSagaCursor(app, id, after) : { epoch: 0n, sequence: 0 };
  await checkStreamStart(app, from.epoch, ({ epoch }) => encodeSagaCursor({ epoch, sequence: 0 }));
  if (await isLastOf(app, id, from)) return nothing();
  return follow(sagaStream(app, id), {
    after: from,
    toEvent: ({ row }) => (maySee(viewer, row) ? row : null),
    // A retried saga has events after the one that ended it as failed.
    isLast: ({ row, position }) => isFinished(row.status) && (row.status !== 'failed' || isLastOf(app, id, position)),
  });
}

/** The events of every saga that the viewer may see: live, or all after a cursor. Throws BAD_USER_INPUT for a bad one. */
export async function followSagas(
  app: FollowApp,
  viewer: Viewer,
  after: string | null | undefined,
): Promise<AsyncIterableIterator<FollowedSagaEvent>> {
  const position = after ? decodeCommitCursor(after, 'after') : null;
  await checkStreamStart(app, position?.epoch ?? null);
  return follow(allSagasStream(app), {
    after: position,
    toEvent: ({ row }) => (maySee(viewer, row) ? row : null),
  });
}

function maySee(viewer: Viewer, { tenantId }: FollowedSagaEvent): boolean {
  return viewer.isOperator || tenantId === viewer.tenantId;
}

const LastRow = rowShape({ isLast: z.boolean() });

async function isLastOf(app: Pick<App, 'reads'>, id: string, { epoch, sequence }: SagaPosition): Promise<boolean> {
  const last = await app.reads.maybeOne(
    LastRow,
    sql`/* is-last-saga-event */ select finished_at is not null and not exists (
       select from saga_events where saga_id = ${id}
         and (stream_epoch, sequence) > (${String(epoch)}::bigint, ${sequence}::int)) as "isLast"
     from saga_runs where id = ${id}`,
  );
  return last?.isLast ?? true;
}

const EpochRow = rowOf(SagaEvent, ['streamEpoch']);

/** Also takes cursors of the form `#sequence`, from before streams had epochs: the named event has the epoch. */
async function decodeSagaCursor(app: Pick<App, 'reads'>, id: string, cursor: string): Promise<SagaPosition> {
  const match = /^#(?:(\d{1,18})\.)?(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw BadUserInputError.at('after', 'is not a cursor of this stream');
  const sequence = Number(match[2]);
  if (match[1] !== undefined) return { epoch: BigInt(match[1]), sequence };
  const event = await app.reads.maybeOne(
    EpochRow,
    sql`/* find-saga-event-epoch */ select ${EpochRow.columns('event')} from saga_events event
      where event.saga_id = ${id} and event.sequence <= ${sequence} order by event.sequence desc limit 1`,
  );
  return { epoch: BigInt(event?.streamEpoch ?? 0), sequence };
}

async function* nothing(): AsyncGenerator<FollowedSagaEvent, void> {}
