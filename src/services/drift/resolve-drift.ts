import type { EntityManager } from 'typeorm';
import type { DriftStatus } from '../../core/drift/drift.js';

/** Closes a drift that is open; one that is closed stays as it is. */
export async function resolveDrift(
  db: EntityManager,
  drift: {
    readonly id: string;
    readonly status: Exclude<DriftStatus, 'open'>;
    readonly by: string;
    readonly at: Date;
  },
): Promise<void> {
  await db.query(
    `update cloud_drift set status = $2, resolved_at = $3, resolved_by = $4 where id = $1 and status = 'open'`,
    [drift.id, drift.status, drift.at, drift.by],
  );
}

/** Takes back what `by` resolved. */
export async function reopenDrift(
  db: EntityManager,
  drift: { readonly id: string; readonly by: string },
): Promise<void> {
  await db.query(
    `update cloud_drift set status = 'open', resolved_at = null, resolved_by = null
     where id = $1 and status = 'reverted' and resolved_by = $2`,
    [drift.id, drift.by],
  );
}
