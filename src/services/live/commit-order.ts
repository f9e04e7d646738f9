import { BadUserInputError } from '../../errors.js';

/**
 * A place in a stream that is read in commit order: the stream's epoch, the writing transaction, then the row's id. An
 * epoch is one run of the Postgres server without a crash: transaction ids only grow within it, and all rows of an earlier
 * epoch are final. A row of the current epoch is final once `xid` is below the oldest transaction that is still open.
 */
export interface CommitPosition {
  readonly epoch: bigint;
  readonly xid: bigint;
  readonly id: bigint;
}

/** The largest value of Postgres's bigint: after every row of an epoch. */
const END = 2n ** 63n - 1n;

/** The epoch of rows from before streams had epochs; cursors from then have none. */
const FIRST_EPOCH = 0n;

export function compareCommitPositions(a: CommitPosition, b: CommitPosition): number {
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/** The values that one snapshot of the database shows. */
export interface CommitSnapshot {
  /** The epoch of the running server; null: no stream row was written since it started. */
  readonly currentEpoch: bigint | null;
  /** The last opened epoch, of this run of the server or of an earlier one. */
  readonly lastEpoch: bigint;
  /** `pg_current_snapshot()` as text, `xmin:xmax:in,progress`. */
  readonly snapshot: string;
}

/**
 * The head of a stream in commit order. It is at the oldest open transaction; rows that later transactions had committed
 * before this snapshot are past. If the server has opened no epoch yet, all rows are past, and new ones have a later epoch.
 */
export function commitHead({ currentEpoch, lastEpoch, snapshot }: CommitSnapshot): {
  position: CommitPosition;
  isPast(position: CommitPosition): boolean;
} {
  if (currentEpoch === null) return { position: { epoch: lastEpoch, xid: END, id: END }, isPast: () => false };
  const [xmin = '0', xmax = '0', open = ''] = snapshot.split(':');
  const end = BigInt(xmax);
  const stillOpen = new Set(open.split(','));
  return {
    position: { epoch: currentEpoch, xid: BigInt(xmin), id: 0n },
    isPast: ({ epoch, xid }) =>
      epoch < currentEpoch || (epoch === currentEpoch && xid < end && !stillOpen.has(`${xid}`)),
  };
}

/** The opaque cursor of the contract. */
export function encodeCommitCursor({ epoch, xid, id }: CommitPosition): string {
  return Buffer.from(`${epoch}.${xid}.${id}`).toString('base64url');
}

/** Also takes cursors of the form `xid.id`, from before streams had epochs. Throws BAD_USER_INPUT at `path` for others. */
export function decodeCommitCursor(cursor: string, path: string): CommitPosition {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const match = /^(?:(\d{1,19})\.)?(\d{1,19})\.(\d{1,19})$/.exec(text);
  const [epoch, xid, id] = [match?.[1] ?? FIRST_EPOCH, match?.[2] ?? 0, match?.[3] ?? 0].map(BigInt) as [
    bigint,
    bigint,
    bigint,
  ];
  if (!match || epoch > END || xid > END || id > END) {
    throw BadUserInputError.at(path, 'is not a cursor of this stream');
  }
  return { epoch, xid, id };
}
