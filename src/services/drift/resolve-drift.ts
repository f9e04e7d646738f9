import type { EntityManager } from 'typeorm';
import type { DriftStatus } from '../../core/drift/drift.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';

/** Closes an open drift; a closed one stays as it is. */
export async function resolveDrift(
  db: EntityManager,
  drift: {
    readonly id: string;
    readonly status: Exclude<DriftStatus, 'open'>;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await query(db).execute(
    sql`/* resolve-drift */ update cloud_drift set status = ${drift.status}, resolved_at = ${drift.at},
        resolved_by = ${drift.by}
      where id = ${drift.id} and status = 'open'`,
  );
}

/** Opens the drift again if `by` resolved it as reverted. */
export async function reopenDrift(
  db: EntityManager,
  drift: { readonly id: string; readonly by: string },
): Promise<void> {
  await query(db).execute(
    sql`/* reopen-drift */ update cloud_drift set status = 'open', resolved_at = null, resolved_by = null
      where id = ${drift.id} and status = 'reverted' and resolved_by = ${drift.by}`,
  );
}
