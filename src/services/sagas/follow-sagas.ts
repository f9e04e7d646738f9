import type { App, Viewer } from '../../context.js';
import { isFinished } from '../../core/sagas.js';
import { BadUserInputError } from '../../errors.js';
import { decodeCommitCursor, encodeCommitCursor } from '../live/commit-order.js';
import { follow } from '../live/follow.js';
import type { StreamEntry } from '../live/live-stream.js';
import { getSaga } from './list-sagas.js';
import { allSagasStream, type SagaStreamRow, sagaStream } from './saga-streams.js';

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
  const from = after ? decodeSequence(after) : 0;
  if (await isLastOf(app, id, from)) return nothing();
  return follow(sagaStream(app, id), {
    after: from,
    toEvent: (entry) => (maySee(viewer, entry.row) ? sharedEvent(entry, encodeSequence) : null),
    // A saga that failed may go on: then there are events after that one.
    isLast: (row) => isFinished(row.status) && (row.status !== 'failed' || isLastOf(app, id, row.sequence)),
  });
}

/** Every saga that the viewer may see, live, or after a cursor everything since. Throws BAD_USER_INPUT for a bad one. */
export function followSagas(
  app: FollowApp,
  viewer: Viewer,
  after: string | null | undefined,
): AsyncIterableIterator<FollowedSagaEvent> {
  return follow(allSagasStream(app), {
    after: after ? decodeCommitCursor(after, 'after') : null,
    toEvent: (entry) => (maySee(viewer, entry.row) ? sharedEvent(entry, encodeCommitCursor) : null),
  });
}

function maySee(viewer: Viewer, { tenantId }: SagaStreamRow): boolean {
  return viewer.isOperator || tenantId === viewer.tenantId;
}

async function isLastOf(app: Pick<App, 'reads'>, id: string, sequence: number): Promise<boolean> {
  const [last] = await app.reads.query<{ isLast: boolean }>(
    'select finished_at is not null and last_sequence <= $2 as "isLast" from saga_runs where id = $1',
    [id, sequence],
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

function encodeSequence(sequence: number): string {
  return Buffer.from(`#${sequence}`).toString('base64url');
}

function decodeSequence(cursor: string): number {
  const match = /^#(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw BadUserInputError.at('after', 'is not a cursor of this stream');
  return Number(match[1]);
}

async function* nothing(): AsyncGenerator<FollowedSagaEvent, void> {}
