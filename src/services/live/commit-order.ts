import { BadUserInputError } from '../../errors.js';

/**
 * A place in a stream that is read in commit order: the writing transaction, then the row's id within it. A row is
 * delivered once `xid` is below the oldest transaction that is still open, so nothing can come before it any more.
 */
export interface CommitPosition {
  readonly xid: bigint;
  readonly id: bigint;
}

export function compareCommitPositions(a: CommitPosition, b: CommitPosition): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/**
 * The head of a stream in commit order, from `pg_current_snapshot()` as text, `xmin:xmax:in,progress`. It begins at the
 * oldest open transaction; what later ones had committed before this snapshot is past.
 */
export function commitHead(snapshot: string): { position: CommitPosition; isPast(position: CommitPosition): boolean } {
  const [xmin = '0', xmax = '0', open = ''] = snapshot.split(':');
  const end = BigInt(xmax);
  const stillOpen = new Set(open.split(','));
  return {
    position: { xid: BigInt(xmin), id: 0n },
    isPast: ({ xid }) => xid < end && !stillOpen.has(String(xid)),
  };
}

/** The opaque cursor of the contract. */
export function encodeCommitCursor({ xid, id }: CommitPosition): string {
  return Buffer.from(`${xid}.${id}`).toString('base64url');
}

/** Throws BAD_USER_INPUT at `path` for what we never handed out. */
export function decodeCommitCursor(cursor: string, path: string): CommitPosition {
  const match = /^(\d{1,19})\.(\d{1,19})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  if (!match) throw BadUserInputError.at(path, 'is not a cursor of this stream');
  return { xid: BigInt(match[1] as string), id: BigInt(match[2] as string) };
}
