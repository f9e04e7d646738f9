import type { App, Viewer } from '../../context.js';
import type { Spec } from '../../core/drift/drift.js';
import { presentSpec, specProblems } from '../../core/drift/recorded-spec.js';
import type { ResourceFields } from '../../core/inventory/resource-diff.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import { BadUserInputError, ConflictError, NotFoundError } from '../../errors.js';
import { lockKinds } from '../inventory/observe.js';
import { isUuid } from '../paging/keyset.js';
import { claimResource } from '../sagas/owning-saga.js';
import { findProvisioned, type ProvisionedRow, provision } from './provisioned-specs.js';

/**
 * Takes a resource under drift control, whoever made it, or changes what is wanted of one that is: from here on its fields are
 * compared with the spec, by default with its present state. The same spec again changes nothing. Throws NOT_FOUND,
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
    const [known]: { kind: ResourceKind }[] = await db.query('select kind from cloud_resources where id = $1', [
      resourceId,
    ]);
    if (!known) throw new NotFoundError('resource', resourceId);
    // First of all, as whoever looks at drift takes it before any row.
    await lockKinds(db, new Set([known.kind]));
    const [live]: (ResourceFields & { kind: ResourceKind; isGone: boolean })[] = await db.query(
      `select kind, name, status, region, tags, attrs, deleted_at is not null as "isGone" from cloud_resources where id = $1`,
      [resourceId],
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
