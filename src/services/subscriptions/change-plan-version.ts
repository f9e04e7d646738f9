import type { App, Viewer } from '../../context.js';
import { dayOf } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { sql } from '../../database/sql.js';
import { BadUserInputError, ConflictError } from '../../errors.js';
import { findPlanVersion } from '../catalog/plan-versions.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { rejectCancelled } from './addons.js';
import { findAttachedAddons, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { rejectSecondCurrency } from './reject-second-currency.js';
import { switchSegment } from './segments.js';

/**
 * Moves a subscription to another published version of any plan, from today on. Throws BAD_USER_INPUT, or CONFLICT if it is
 * cancelled, or if its addons or this month's billed days have another currency. Operators only: the resolver sees to that.
 */
export async function changePlanVersion(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionId: string,
  planVersionId: string,
): Promise<SubscriptionRow> {
  const today = dayOf(app.clock());
  return app.db.transaction(async (db) => {
    const subscription = await lockSubscription(db, viewer, subscriptionId);
    rejectCancelled(subscription);
    const version = await findPlanVersion(query(db), planVersionId);
    if (!version) throw BadUserInputError.at('planVersionId', `there is no plan version ${planVersionId}`);
    if (version.status === 'draft') throw new ConflictError('A draft has no subscribers; publish it first.');
    const attached = await findAttachedAddons(query(db), [subscriptionId]);
    const { currency } = version.basePrice;
    if (attached.some((addon) => addon.price.currency !== currency)) {
      throw new ConflictError(`The version is priced in ${currency}, an attached addon is not.`);
    }
    await rejectSecondCurrency(db, { deploymentId: subscription.deploymentId, currency, from: today });
    await rejectIssuedMonths(db, { tenantId: subscription.tenantId, from: today });
    await query(db).execute(
      sql`/* set-plan-version */ update subscriptions set plan_version_id = ${version.id} where id = ${subscriptionId}`,
    );
    if (subscription.status === 'active') {
      await switchSegment(db, { subscriptionId, planVersionId: version.id, from: today });
    }
    return { ...subscription, planVersionId: version.id };
  });
}
