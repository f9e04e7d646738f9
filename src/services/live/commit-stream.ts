import type { App } from '../../context.js';
import { CursorLostError, StreamUnavailableError } from '../../errors.js';
import { type CommitPosition, commitHead, compareCommitPositions, encodeCommitCursor } from './commit-order.js';
import type { StreamHead, StreamSource } from './live-stream.js';

/** The values of `AFTER`, in this order; `limit` is the fourth. */
export const positionValues = ({ epoch, xid, id }: CommitPosition): string[] => [`${epoch}`, `${xid}`, `${id}`];

const CURRENT_EPOCH = 'select epoch from stream_epoch_marks where server_started_at = pg_postmaster_start_time()';

/**
 * A `with` clause for statements that use `AFTER`: all rows before it are final. If the server has opened no epoch since it
 * started, that is every row: no transaction that could write an earlier one is still open.
 */
export const HORIZON = `horizon as materialized (
  select coalesce((${CURRENT_EPOCH}), ${2n ** 63n - 1n}) as epoch, pg_snapshot_xmin(pg_current_snapshot()) as xid)`;

/** Rows of a stream's table after the position of `positionValues`, and final. */
export const AFTER = `(stream_epoch, xid, id) > ($1::bigint, $2::text::xid8, $3::bigint)
  and (stream_epoch, xid) < ((select epoch from horizon), (select xid from horizon))`;

/** Committed rows that are not final yet. */
export const BEHIND_OPEN = '(stream_epoch, xid) >= ((select epoch from horizon), (select xid from horizon))';

export const ORDER = 'stream_epoch, xid, id';

interface RawPosition {
  readonly streamEpoch: string;
  readonly xid: string;
  readonly id: string;
}

/** A source in commit order; `readAfter` selects `stream_epoch as "streamEpoch", xid, id` as text and then the row. */
export function commitStream<Row extends object>(
  app: Pick<App, 'reads'>,
  statements: { readonly topic: string; readonly readAfter: string; readonly isHeld: string },
): StreamSource<Row, CommitPosition> {
  return {
    topic: statements.topic,
    compare: compareCommitPositions,
    head: () => readHead(app),
    async readAfter(position, limit) {
      const rows = await app.reads.query<Row & RawPosition>(statements.readAfter, [...positionValues(position), limit]);
      const entries = rows.map(({ streamEpoch, xid, id, ...row }) => ({
        position: { epoch: BigInt(streamEpoch), xid: BigInt(xid), id: BigInt(id) },
        row: row as unknown as Row,
      }));
      if (entries.length > 0) return { entries, held: true };
      const [state] = await app.reads.query<{ held: boolean }>(statements.isHeld, []);
      return { entries, held: state?.held ?? false };
    },
  };
}

async function readHead(app: Pick<App, 'reads'>): Promise<StreamHead<CommitPosition>> {
  const [row] = await app.reads.query<{ current: string | null; last: string; snapshot: string }>(
    `select (${CURRENT_EPOCH})::text as current, (select max(epoch) from stream_epochs)::text as last,
       pg_current_snapshot()::text as snapshot`,
    [],
  );
  if (!row) throw new Error('the head of a stream could not be read');
  const { current, last, snapshot } = row;
  return commitHead({ currentEpoch: current === null ? null : BigInt(current), lastEpoch: BigInt(last), snapshot });
}

/**
 * Whether a stream may start here, and after this epoch; null: live only. Throws StreamUnavailableError on a standby,
 * which does not see what is still being written on its primary, and CursorLostError for an epoch that this database does
 * not know: it was restored, or it failed over to a standby that lagged, and the cursor is of the history that was lost.
 */
export async function checkStreamStart(
  app: Pick<App, 'reads'>,
  epoch: bigint | null,
  cursorOf: (position: CommitPosition) => string = encodeCommitCursor,
): Promise<void> {
  const [state] = await app.reads.query<{ isStandby: boolean; isKnown: boolean; resume: string }>(
    `select pg_is_in_recovery() as "isStandby", $1::bigint is null or exists (
       select from stream_epochs where epoch = $1) as "isKnown",
       coalesce((select min(epoch) from stream_epochs where epoch > $1), (select max(epoch) from stream_epochs))::text as resume`,
    [epoch === null ? null : String(epoch)],
  );
  if (state?.isStandby) {
    throw new StreamUnavailableError('Live streams need the primary: DATABASE_URL points at a standby.');
  }
  if (!state?.isKnown) throw new CursorLostError(cursorOf({ epoch: BigInt(state?.resume ?? 0), xid: 0n, id: 0n }));
}
