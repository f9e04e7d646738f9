import type { EntityManager } from 'typeorm';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { SyncRun } from '../../entities/sync-run.js';
import { lockKinds, PROVIDER } from './observe.js';

/** Complete runs in a row that do not list a resource before it is taken for gone (spec §1). */
const STRIKES = 3;
/** A scheduled run that loses more than half of at least so many known rows is not believed. */
const MASS_LOSS_FLOOR = 10;

export interface StrikeResult {
  readonly deleted: number;
  /** Why nobody was struck, for the operator; null where the run was believed. */
  readonly distrusted: string | null;
}

/**
 * After a complete run: what it did not list gets a strike, at the third a tombstone and its event. A scheduled run that
 * lost more than half of ten or more strikes nobody: a token whose scopes shrank looks just like that.
 */
export async function strikeUnseen(
  db: EntityManager,
  run: Pick<SyncRun, 'id' | 'number' | 'trigger' | 'startedAt'>,
  kinds: readonly ResourceKind[],
  at: Date,
): Promise<StrikeResult> {
  if (kinds.length === 0) return { deleted: 0, distrusted: null };
  await lockKinds(db, new Set(kinds));
  // What a saga registered after this run began was in no listing yet, and is not missing.
  const unseen = `provider = '${PROVIDER}' and kind = any($1) and deleted_at is null
    and coalesce(last_seen_run, 0) < $2 and first_seen_at < $3`;
  const [known]: [{ total: number; unseen: number }] = await db.query(
    `select count(*)::int as total, (count(*) filter (where ${unseen}))::int as unseen
     from cloud_resources where provider = '${PROVIDER}' and kind = any($1) and deleted_at is null`,
    [kinds, run.number, run.startedAt],
  );
  if (run.trigger === 'schedule' && known.total >= MASS_LOSS_FLOOR && known.unseen * 2 > known.total) {
    const distrusted = `${known.unseen} of ${known.total} known resources were not listed, so nothing was struck; check the token's scopes, and start the sync by hand if this is right`;
    return { deleted: 0, distrusted };
  }
  const [counted]: [{ deleted: number }] = await db.query(
    `with struck as (
       update cloud_resources
       set stale_strike_count = stale_strike_count + 1,
         deleted_at = case when stale_strike_count + 1 >= ${STRIKES} then $4::timestamptz end
       where ${unseen}
       returning id, deleted_at
     ), told as (
       insert into cloud_resource_events (resource_id, type, at, actor, run_id)
       select id, 'deleted', $4, $5, $6 from struck where deleted_at is not null
     )
     select (count(*) filter (where deleted_at is not null))::int as deleted from struck`,
    [kinds, run.number, run.startedAt, at, `sync:${run.id}`, run.id],
  );
  return { deleted: counted.deleted, distrusted: null };
}
