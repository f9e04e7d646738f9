import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { Currency } from '../../core/money/money.js';
import { type Day, dayOf, periodOf } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { BadUserInputError, ConflictError } from '../../errors.js';
import { findPlanVersion } from '../catalog/plan-versions.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { rejectCancelled } from './addons.js';
import { findAttachedAddons, type SubscriptionRow } from './list-subscriptions.js';
import { lockSubscription } from './lock-subscription.js';
import { switchSegment } from './segments.js';

/** Moves a subscription to another published version of any plan, from today on. Operators only: the resolver sees to that. */
export async function changePlanVersion(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  subscriptionId: string,
  planVersionId: string,
): Promise<SubscriptionRow> {
  return app.db.transaction(async (db) => {
    const subscription = await lockSubscription(db, viewer, subscriptionId);
    rejectCancelled(subscription);
    const version = await findPlanVersion(readsWithin(db), planVersionId);
    if (!version) throw BadUserInputError.at('planVersionId', `there is no plan version ${planVersionId}`);
    if (version.status === 'draft') throw new ConflictError('A draft has no subscribers; publish it first.');
    const attached = await findAttachedAddons(readsWithin(db), [subscriptionId]);
    const { currency } = version.basePrice;
    if (attached.some((addon) => addon.price.currency !== currency)) {
      throw new ConflictError(`The version is priced in ${currency}, an attached addon is not.`);
    }
    await rejectSecondCurrency(db, subscriptionId, currency, dayOf(app.clock()));
    await rejectIssuedMonths(db, { tenantId: subscription.tenantId, from: dayOf(app.clock()) });
    await db.query('update subscriptions set plan_version_id = $2 where id = $1', [subscriptionId, version.id]);
    if (subscription.status === 'active') {
      await switchSegment(db, { subscriptionId, planVersionId: version.id, from: dayOf(app.clock()) });
    }
    return { ...subscription, planVersionId: version.id };
  });
}

/** A month with billed days in two currencies could never be invoiced. */
async function rejectSecondCurrency(
  db: EntityManager,
  subscriptionId: string,
  currency: Currency,
  today: Day,
): Promise<void> {
  const [other]: { currency: Currency }[] = await db.query(
    `select version.currency from subscription_segments segment join plan_versions version on version.id = segment.plan_version_id
     where segment.subscription_id = $1 and version.currency <> $2
       and greatest(segment.from_day, $4::date) < least(segment.until_day, $3::date)
     union
     select currency from subscription_addons
     where subscription_id = $1 and currency <> $2 and until_day > greatest(starts_on, $4::date)`,
    [subscriptionId, currency, today, periodOf(today)],
  );
  if (!other) return;
  throw new ConflictError(
    `This month has billed days in ${other.currency}; a version in ${currency} can follow on the 1st of the next one.`,
  );
}
