import { z } from 'zod';
import type { App, Viewer } from '../../context.js';
import type { Spec } from '../../core/drift/drift.js';
import { presentSpec, specProblems } from '../../core/drift/recorded-spec.js';
import { query } from '../../database/queries.js';
import { rowOf, rowWith } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import { CloudResource } from '../../entities/cloud-resource.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { lockKinds } from '../inventory/observe.js';
import { isUuid } from '../paging/keyset.js';
import { claimResource } from '../sagas/owning-saga.js';
import { findProvisioned, type ProvisionedRow, provision } from './provisioned-specs.js';

const KindRow = rowOf(CloudResource, ['kind']);
const LiveColumns = rowOf(CloudResource, ['kind', 'name', 'status', 'region', 'tags', 'attrs']);
const LiveRow = rowWith(LiveColumns, { isGone: z.boolean() });

/**
 * Takes a resource under drift control, or changes its spec: detection compares the resource with the spec from here on.
 * Null: the spec is the present state. The same spec again changes nothing. Throws NOT_FOUND,
 * BAD_USER_INPUT at the field of the spec, and CONFLICT if the resource is gone or a saga is changing it. Operators only: the
 * resolver sees to that.
 */
export async function recordProvisioned(
  app: Pick<App, 'db' | 'reads' | 'clock' | 'log'>,
  viewer: Viewer,
  resourceId: string,
  given: Spec | null,
): Promise<ProvisionedRow> {
  if (!isUuid(resourceId)) throw new NotFoundError('resource', resourceId);
  await app.db.transaction(async (db) => {
    const known = await query(db).maybeOne(
      KindRow,
      sql`/* find-resource-kind */ select ${KindRow.columns('resource')} from cloud_resources resource
        where resource.id = ${resourceId}`,
    );
    if (!known) throw new NotFoundError('resource', resourceId);
    // Before any row, as detection takes the lock of the kind first.
    await lockKinds(db, new Set([known.kind]));
    const live = await query(db).maybeOne(
      LiveRow,
      sql`/* find-live-resource */ select ${LiveColumns.columns('resource')}, resource.deleted_at is not null as "isGone"
        from cloud_resources resource where resource.id = ${resourceId}`,
    );
    if (!live) throw new NotFoundError('resource', resourceId);
    if (live.isGone) throw new ConflictError('The resource is gone from the provider.');
    await claimResource(db, resourceId, null);
    const problems = given === null ? [] : specProblems(live.kind, live, given);
    if (problems.length > 0) throw new BadUserInputError(problems);
    const spec = given ?? presentSpec(live.kind, live);
    await provision(db, { resourceId, spec, sagaId: null, at: app.clock() });
  });
  app.log.info({ resourceId, subject: viewer.subject }, 'resource under drift control');
  const [recorded] = await findProvisioned(app, [resourceId]);
  if (!recorded) throw new NotFoundError('resource', resourceId);
  return recorded;
}
