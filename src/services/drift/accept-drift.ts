import type { App, Viewer } from '../../context.js';
import { liveValue } from '../../core/drift/drift.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { claimResource } from '../sagas/owning-saga.js';
import { type DriftRow, getDrift } from './list-drifts.js';
import { assertOpen, lockDrift } from './lock-drift.js';
import { resolveDrift } from './resolve-drift.js';

/**
 * Sets the spec to the present value of the resource, which may have changed since the drift was last detected, and
 * stores that value as the drift's `actual`. Throws CONFLICT if the drift is not open or a saga is changing the resource.
 * Operators only: the resolver sees to that.
 */
export async function acceptDrift(
  app: Pick<App, 'db' | 'reads' | 'clock'>,
  viewer: Viewer,
  id: string,
): Promise<DriftRow> {
  await app.db.transaction(async (db) => {
    const drift = await lockDrift(db, id);
    assertOpen(drift);
    await claimResource(db, drift.resourceId, null);
    const at = app.clock();
    const value = JSON.stringify(liveValue(drift, drift.field));
    await query(db).execute(
      sql`/* accept-live-value */ update cloud_provisioned
        set spec = spec || jsonb_build_object(${drift.field}::text, ${value}::jsonb), spec_version = spec_version + 1,
          updated_at = ${at}
        where resource_id = ${drift.resourceId}`,
    );
    await query(db).execute(
      sql`/* record-accepted-value */ update cloud_drift set actual = nullif(${value}::jsonb, 'null') where id = ${id}`,
    );
    await resolveDrift(db, { id, status: 'accepted', by: viewer.subject, at });
  });
  return getDrift(app, id);
}
