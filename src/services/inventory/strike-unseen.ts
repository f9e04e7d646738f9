import type { EntityManager } from 'typeorm';
import { z } from 'zod';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { query } from '../../database/queries.js';
import { rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import type { SyncRun } from '../../entities/sync-run.js';
import { lockKinds } from './observe.js';
import { PROVIDER_SQL } from './provider.js';

/** Complete runs in a row without a resource before it counts as deleted (spec §1). */
const STRIKES = 3;
/** A scheduled run that loses more than half of at least so many known rows is not trusted. */
const MASS_LOSS_FLOOR = 10;

const Known = rowShape({ total: z.int(), unseen: z.int() });
const Deleted = rowShape({ deleted: z.int() });

export interface StrikeResult {
  readonly deleted: number;
  /** Why nothing was struck, for the operator; null if the run was trusted. */
  readonly distrusted: string | null;
}

/**
 * After a complete run: resources that it did not list get a strike, with the third a tombstone and an event. A scheduled
 * run that lost more than half of ten or more strikes nothing: a token that lost scopes looks the same.
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
  const unseen = sql`provider = ${PROVIDER_SQL} and kind = any(${kinds}::text[]) and deleted_at is null
    and coalesce(last_seen_run, 0) < ${run.number} and first_seen_at < ${run.startedAt}`;
  const known = await query(db).one(
    Known,
    sql`/* count-unseen */ select count(*)::int as total, (count(*) filter (where ${unseen}))::int as unseen
     from cloud_resources where provider = ${PROVIDER_SQL} and kind = any(${kinds}::text[]) and deleted_at is null`,
  );
  if (run.trigger === 'schedule' && known.total >= MASS_LOSS_FLOOR && known.unseen * 2 > known.total) {
    const distrusted = `${known.unseen} of ${known.total} known resources were not listed, so nothing was struck; check the token's scopes, and start the sync by hand if this is right`;
    return { deleted: 0, distrusted };
  }
  const { deleted } = await query(db).one(
    Deleted,
    sql`/* strike-unseen */ with struck as (
       update cloud_resources
       set stale_strike_count = stale_strike_count + 1,
         deleted_at = case when stale_strike_count + 1 >= ${STRIKES} then ${at}::timestamptz end
       where ${unseen}
       returning id, deleted_at
     ), appended as (
       insert into cloud_resource_events (resource_id, type, at, actor, run_id)
       select id, 'deleted', ${at}, ${`sync:${run.id}`}, ${run.id} from struck where deleted_at is not null
     )
     select (count(*) filter (where deleted_at is not null))::int as deleted from struck`,
  );
  return { deleted, distrusted: null };
}
