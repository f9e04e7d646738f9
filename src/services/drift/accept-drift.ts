import type { App, Viewer } from '../../context.js';
import { liveValue } from '../../core/drift/drift.js';
import { claimResource } from '../sagas/owning-saga.js';
import { type DriftRow, getDrift } from './list-drifts.js';
import { assertOpen, lockDrift } from './lock-drift.js';
import { resolveDrift } from './resolve-drift.js';

/**
 * The spec takes what the resource has now, which may have moved on since the drift was last looked at; the drift says
 * what was accepted. Throws CONFLICT where it is not open, or a saga is changing the resource. Operators only: the
 * resolver sees to that.
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
    await db.query(
      `update cloud_provisioned set spec = spec || jsonb_build_object($2::text, $3::jsonb),
         spec_version = spec_version + 1, updated_at = $4
       where resource_id = $1`,
      [drift.resourceId, drift.field, value, at],
    );
    await db.query(`update cloud_drift set actual = nullif($2::jsonb, 'null') where id = $1`, [id, value]);
    await resolveDrift(db, { id, status: 'accepted', by: viewer.subject, at });
  });
  return getDrift(app, id);
}
