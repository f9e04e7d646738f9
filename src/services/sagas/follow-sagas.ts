import type { App, Viewer } from '../../context.js';
import { isFinished } from '../../core/sagas/sagas.js';
import { BadUserInputError } from '../../errors.js';
import { decodeCommitCursor, encodeCommitCursor } from '../live/commit-order.js';
import { checkStreamStart } from '../live/commit-stream.js';
import { follow } from '../live/follow.js';
import type { StreamEntry } from '../live/live-stream.js';
import { getSaga } from './list-sagas.js';
import { allSagasStream, type SagaPosition, type SagaStreamRow, sagaStream } from './saga-streams.js';

export interface FollowedSagaEvent extends SagaStreamRow {
  readonly cursor: string;
}

type FollowApp = Pick<App, 'reads' | 'live'>;

/**
 * One saga from its beginning, or after a cursor, and then live until its last event. Throws NOT_FOUND where there is no
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
    toEvent: (entry) => (maySee(viewer, entry.row) ? sharedEvent(entry, encodeSagaCursor) : null),
    // A saga that failed may go on: then there are events after that one.
    isLast: ({ row, position }) => isFinished(row.status) && (row.status !== 'failed' || isLastOf(app, id, position)),
  });
}

/** Every saga that the viewer may see, live, or after a cursor everything since. Throws BAD_USER_INPUT for a bad one. */
export async function followSagas(
  app: FollowApp,
  viewer: Viewer,
  after: string | null | undefined,
): Promise<AsyncIterableIterator<FollowedSagaEvent>> {
  const position = after ? decodeCommitCursor(after, 'after') : null;
  await checkStreamStart(app, position?.epoch ?? null);
  return follow(allSagasStream(app), {
    after: position,
    toEvent: (entry) => (maySee(viewer, entry.row) ? sharedEvent(entry, encodeCommitCursor) : null),
  });
}

function maySee(viewer: Viewer, { tenantId }: SagaStreamRow): boolean {
  return viewer.isOperator || tenantId === viewer.tenantId;
}

async function isLastOf(app: Pick<App, 'reads'>, id: string, { epoch, sequence }: SagaPosition): Promise<boolean> {
  const [last] = await app.reads.query<{ isLast: boolean }>(
    `select finished_at is not null and not exists (
       select from saga_events where saga_id = $1 and (stream_epoch, sequence) > ($2::bigint, $3::int)) as "isLast"
     from saga_runs where id = $1`,
    [id, String(epoch), sequence],
  );
  return last?.isLast ?? true;
}

/** One event object an entry in this process, whoever follows: what is made of it once serves every subscriber. */
const eventOf = new WeakMap<object, FollowedSagaEvent>();

function sharedEvent<Position>(
  entry: StreamEntry<SagaStreamRow, Position>,
  encode: (position: Position) => string,
): FollowedSagaEvent {
  const known = eventOf.get(entry);
  if (known) return known;
  const event = { ...entry.row, cursor: encode(entry.position) };
  eventOf.set(entry, event);
  return event;
}

function encodeSagaCursor({ epoch, sequence }: SagaPosition): string {
  return Buffer.from(`#${epoch}.${sequence}`).toString('base64url');
}

/** Also takes cursors of the form `#sequence`, from before streams had epochs: those name an event that is there. */
async function decodeSagaCursor(app: Pick<App, 'reads'>, id: string, cursor: string): Promise<SagaPosition> {
  const match = /^#(?:(\d{1,18})\.)?(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw BadUserInputError.at('after', 'is not a cursor of this stream');
  const sequence = Number(match[2]);
  if (match[1] !== undefined) return { epoch: BigInt(match[1]), sequence };
  const [event] = await app.reads.query<{ epoch: string }>(
    `select stream_epoch::text as epoch from saga_events where saga_id = $1 and sequence <= $2
     order by sequence desc limit 1`,
    [id, sequence],
  );
  return { epoch: BigInt(event?.epoch ?? 0), sequence };
}

async function* nothing(): AsyncGenerator<FollowedSagaEvent, void> {}
