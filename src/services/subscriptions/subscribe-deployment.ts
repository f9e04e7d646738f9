import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import { type Day, dayOf, laterDay } from '../../core/time/period.js';
import { DayShape } from '../../core/time/period-shapes.js';
import { query } from '../../database/queries.js';
import { rowOf, rowShape } from '../../database/row-shape.js';
import { sql } from '../../database/sql.js';
import type { Deployment } from '../../entities/deployment.js';
import { Subscription } from '../../entities/subscription.js';
import { ConflictError } from '../../errors.js';
import { requireActiveVersion, requireAddons } from '../catalog/list-catalog.js';
import type { PlanVersionRow } from '../catalog/plan-versions.js';
import { rejectOtherCurrencies } from '../catalog/reject-other-currencies.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { insertAddons } from './addons.js';
import { findLiveSubscriptions, getSubscription, type SubscriptionRow } from './list-subscriptions.js';
import { lockAllowance, rejectForeignSizes, rejectOverAllowance } from './plan-allowance.js';
import { rejectSecondCurrency } from './reject-second-currency.js';
import { openSegment } from './segments.js';
import { chooseStart } from './start-day.js';

export interface SubscriptionRequest {
  readonly planCode: string;
  /** Codes; a code that is named twice is attached twice. */
  readonly addons: readonly string[];
  /** The first billed day; null: today. Only an operator may name an earlier day. */
  readonly startsOn: string | null | undefined;
}

/** Subscribes a deployment to the active version of a plan. Throws CONFLICT if it has a live subscription. */
export async function subscribeDeployment(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  deploymentId: string,
  request: SubscriptionRequest,
): Promise<SubscriptionRow> {
  return app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, deploymentId);
    const { state, slug } = deployment;
    if (state === 'paused' || state === 'cancelled' || state === 'archived') {
      throw new ConflictError(`Deployment "${slug}" is ${state}.`);
    }
    await rejectIfSubscribed(db, deployment);
    const version = await requireActiveVersion(query(db), request.planCode, 'planCode');
    if (!viewer.isOperator) {
      await lockAllowance(db, deployment.tenantId);
      await rejectOverAllowance(db, deployment.tenantId, deployment.id, version, 'planCode');
      await rejectForeignSizes(db, deployment.id, version, 'planCode');
    }
    return insertSubscription(db, viewer, deployment, version, request, app.clock());
  });
}

/**
 * Subscribes a deployment whose row the caller has locked or made, and which has no live subscription. The caller has
 * checked that the plan allows one more deployment.
 */
export async function insertSubscription(
  db: EntityManager,
  viewer: Viewer,
  deployment: Deployment,
  version: PlanVersionRow,
  request: Omit<SubscriptionRequest, 'planCode'>,
  at: Date,
): Promise<SubscriptionRow> {
  const addons = await requireAddons(query(db), request.addons, 'addons');
  rejectOtherCurrencies(version.basePrice.currency, addons, 'addons');
  const chosen = chooseStart(viewer, request.startsOn, dayOf(at));
  const startsOn = await firstFreeDay(db, deployment, request.startsOn, chosen);
  const { currency } = version.basePrice;
  await rejectSecondCurrency(db, { deploymentId: deployment.id, currency, from: startsOn });
  await rejectIssuedMonths(db, { tenantId: deployment.tenantId, from: startsOn, path: 'startsOn' });
  const { id } = await query(db).one(
    SubscriptionId,
    sql`/* insert-subscription */ insert into subscriptions (deployment_id, plan_version_id, status, starts_on, created_at)
      values (${deployment.id}, ${version.id}, 'active', ${startsOn}, ${at}) returning id`,
  );
  await openSegment(db, { subscriptionId: id, planVersionId: version.id, from: startsOn });
  await insertAddons(db, id, addons, startsOn);
  return getSubscription(query(db), id);
}

const SubscriptionId = rowOf(Subscription, ['id']);

/** Throws CONFLICT if the deployment has a live subscription. */
export async function rejectIfSubscribed(db: EntityManager, { id, slug }: Deployment): Promise<void> {
  const [live] = await findLiveSubscriptions(query(db), [id]);
  if (live) throw new ConflictError(`Deployment "${slug}" has a live subscription already.`);
}

const BilledUntil = rowShape({ until: DayShape.nullable() });

/**
 * `startsOn`, or the first day that an earlier subscription has not billed. Throws CONFLICT if the viewer requested a day
 * that is billed already.
 */
async function firstFreeDay(
  db: EntityManager,
  { id, slug }: Deployment,
  requested: string | null | undefined,
  startsOn: Day,
): Promise<Day> {
  const billed = await query(db).one(
    BilledUntil,
    sql`/* find-billed-until */ select max(segment.until_day)::text as until from subscription_segments segment
      join subscriptions subscription on subscription.id = segment.subscription_id
      where subscription.deployment_id = ${id} and segment.until_day > segment.from_day`,
  );
  if (billed.until === null || billed.until <= startsOn) return startsOn;
  if (requested) {
    throw new ConflictError(
      `Deployment "${slug}" had a subscription until ${billed.until}; name that day or a later one.`,
    );
  }
  return laterDay(startsOn, billed.until);
}
