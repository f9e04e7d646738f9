import { z } from 'zod';
import type { App } from '../../context.js';
import { type RowShape, rowShape, rowWith } from '../../database/row-shape.js';
import { rawSql, type Sql, sql } from '../../database/sql.js';
import { CursorLostError, StreamUnavailableError } from '../../errors.js';
import { type CommitPosition, commitHead, compareCommitPositions, encodeCommitCursor } from './commit-order.js';
import type { StreamHead, StreamSource } from './live-stream.js';

/** Epoch, transaction and id of a row, as a stream's statements select them. */
const PositionColumns = { streamEpoch: z.string(), xid: z.string(), id: z.string() };

const CURRENT_EPOCH = rawSql(
  'select epoch from stream_epoch_marks where server_started_at = pg_postmaster_start_time()',
);

/**
 * A `with` clause for statements that use `isAfter` or `BEHIND_OPEN`: all rows before the horizon are final. If the server
 * has opened no epoch since it started, that is every row: no transaction that could write an earlier one is still open.
 */
export const HORIZON = sql`horizon as materialized (
  select coalesce((${CURRENT_EPOCH}), ${rawSql(`${2n ** 63n - 1n}`)}) as epoch,
    pg_snapshot_xmin(pg_current_snapshot()) as xid)`;

/** Rows of a stream's table that come after the position and are final. */
export function isAfter({ epoch, xid, id }: CommitPosition): Sql {
  return sql`(stream_epoch, xid, id) > (${`${epoch}`}::bigint, ${`${xid}`}::text::xid8, ${`${id}`}::bigint)
  and (stream_epoch, xid) < ((select epoch from horizon), (select xid from horizon))`;
}

/** Committed rows that are not final yet. */
export const BEHIND_OPEN = rawSql('(stream_epoch, xid) >= ((select epoch from horizon), (select xid from horizon))');

export const ORDER = rawSql('stream_epoch, xid, id');

const HeldRow = rowShape({ held: z.boolean() });

export interface CommitStreamDefinition<Row> {
  readonly topic: string;
  readonly row: RowShape<Row>;
  /** Selects `"streamEpoch"`, `xid` and `id` beside the row, in the order of the three. */
  readonly readAfter: (position: CommitPosition, limit: number) => Sql;
  /** Selects whether committed rows stand behind an open transaction, as `held`. */
  readonly isHeld: Sql;
}

/** A source in commit order. Each row has its cursor. */
export function commitStream<Row extends object>(
  app: Pick<App, 'reads'>,
  { topic, row, readAfter, isHeld }: CommitStreamDefinition<Row>,
): StreamSource<Row & { readonly cursor: string }, CommitPosition> {
  const positionedRow = rowWith(row, PositionColumns);
  return {
    topic,
    compare: compareCommitPositions,
    head: () => readHead(app),
    async readAfter(after, limit) {
      const rows = await app.reads.many(positionedRow, readAfter(after, limit));
      const entries = rows.map((read) => {
        const position = { epoch: BigInt(read.streamEpoch), xid: BigInt(read.xid), id: BigInt(read.id) };
        return { position, row: { ...read, cursor: encodeCommitCursor(position) } };
      });
      if (entries.length > 0) return { entries, held: true };
      return { entries, held: (await app.reads.one(HeldRow, isHeld)).held };
    },
  };
}

const HeadRow = rowShape({ current: z.string().nullable(), last: z.string(), snapshot: z.string() });

async function readHead(app: Pick<App, 'reads'>): Promise<StreamHead<CommitPosition>> {
  const { current, last, snapshot } = await app.reads.one(
    HeadRow,
    sql`/* read-stream-head */ select (${CURRENT_EPOCH})::text as current,
      (select max(epoch) from stream_epochs)::text as last, pg_current_snapshot()::text as snapshot`,
  );
  return commitHead({ currentEpoch: current === null ? null : BigInt(current), lastEpoch: BigInt(last), snapshot });
}

const StartRow = rowShape({ isStandby: z.boolean(), isKnown: z.boolean(), resume: z.string().nullable() });

/**
 * Checks that a stream may start here and after this epoch; null: live only. Throws StreamUnavailableError on a standby,
 * which does not see what is still being written on its primary. Throws CursorLostError for an epoch that this database
 * does not know: it was restored, or it failed over to a standby that lagged, and the cursor is of the lost history.
 */
export async function checkStreamStart(
  app: Pick<App, 'reads'>,
  epoch: bigint | null,
  cursorOf: (position: CommitPosition) => string = encodeCommitCursor,
): Promise<void> {
  const from = sql`${epoch === null ? null : String(epoch)}::bigint`;
  const { isStandby, isKnown, resume } = await app.reads.one(
    StartRow,
    sql`/* check-stream-start */ select pg_is_in_recovery() as "isStandby",
      ${from} is null or exists (select from stream_epochs where epoch = ${from}) as "isKnown",
      coalesce((select min(epoch) from stream_epochs where epoch > ${from}),
        (select max(epoch) from stream_epochs))::text as resume`,
  );
  if (isStandby) {
    throw new StreamUnavailableError('Live streams need the primary: DATABASE_URL points at a standby.');
  }
  if (!isKnown) throw new CursorLostError(cursorOf({ epoch: BigInt(resume ?? 0), xid: 0n, id: 0n }));
}
