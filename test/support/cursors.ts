/** Before every event of a stream in commit order. */
export const BEGINNING = cursorOf('0.0.0');

/** As `position`: before what any transaction writes that begins from now on, in every stream in commit order. */
export const SELECT_NOW = `select (select max(epoch) from stream_epochs) || '.' ||
  pg_snapshot_xmin(pg_current_snapshot()) || '.0' as position`;

/** `sync_events` and `saga_events` rows alike: the place of each in its stream, as `position`. */
export const POSITION = `stream_epoch || '.' || xid || '.' || id as position`;

export function cursorOf(position: string): string {
  return Buffer.from(position).toString('base64url');
}
