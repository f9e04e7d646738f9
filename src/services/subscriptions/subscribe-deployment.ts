import type { EntityManager } from 'typeorm';
import type { App, Viewer } from '../../context.js';
import type { Currency } from '../../core/money/money.js';
import { type Day, dayOf, laterDay, periodOf } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import type { Deployment } from '../../entities/deployment.js';
import { ConflictError } from '../../errors.js';
import { requireActiveVersion, requireAddons } from '../catalog/list-catalog.js';
import type { PlanVersionRow } from '../catalog/plan-versions.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { rejectIssuedMonths } from '../issued-months/reject-issued-month.js';
import { rejectOtherCurrencies } from '../validation/problems.js';
import { insertAddons } from './addons.js';
import { findLiveSubscriptions, findSubscriptions, type SubscriptionRow } from './list-subscriptions.js';
import { lockAllowance, rejectForeignSizes, rejectOverAllowance } from './plan-allowance.js';
import { openSegment } from './segments.js';
import { chooseStart } from './start-day.js';

export interface SubscriptionRequest {
  readonly planCode: string;
  /** A code named twice is attached twice. */
  readonly addons: readonly string[];
  /** Today where it is left out; only an operator may name an earlier day. */
  readonly startsOn: string | null | undefined;
}

/** Subscribes a deployment to the active version of a plan. CONFLICT where it has a live subscription. */
export async function subscribeDeployment(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  deploymentId: string,
  request: SubscriptionRequest,
): Promise<SubscriptionRow> {
  return app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, deploymentId);
    await rejectIfSubscribed(db, deployment);
    const version = await requireActiveVersion(readsWithin(db), request.planCode, 'planCode');
    if (!viewer.isOperator) {
      await lockAllowance(db, deployment.tenantId);
      await rejectOverAllowance(db, deployment.tenantId, deployment.id, version, 'planCode');
      await rejectForeignSizes(db, deployment.id, version, 'planCode');
    }
    return insertSubscription(db, viewer, deployment, version, request, app.clock());
  });
}

/** The deployment's row is locked, or new, and has no live subscription. Whether the plan has room is checked before. */
export async function insertSubscription(
  db: EntityManager,
  viewer: Viewer,
  deployment: Deployment,
  version: PlanVersionRow,
  request: Omit<SubscriptionRequest, 'planCode'>,
  at: Date,
): Promise<SubscriptionRow> {
  const addons = await requireAddons(readsWithin(db), request.addons, 'addons');
  rejectOtherCurrencies(version.basePrice.currency, addons, 'addons');
  const chosen = chooseStart(viewer, request.startsOn, dayOf(at));
  const startsOn = await firstFreeDay(db, deployment, request.startsOn, chosen);
  await rejectSecondCurrency(db, deployment, version.basePrice.currency, startsOn);
  await rejectIssuedMonths(db, { tenantId: deployment.tenantId, from: startsOn, path: 'startsOn' });
  const [made]: [{ id: string }] = await db.query(
    `insert into subscriptions (deployment_id, plan_version_id, status, starts_on, created_at)
       values ($1, $2, 'active', $3, $4) returning id`,
    [deployment.id, version.id, startsOn, at],
  );
  await openSegment(db, { subscriptionId: made.id, planVersionId: version.id, from: startsOn });
  await insertAddons(db, made.id, addons, startsOn);
  return (await findSubscriptions(readsWithin(db), [made.id]))[0] as SubscriptionRow;
}

async function rejectIfSubscribed(db: EntityManager, { id, slug, state }: Deployment): Promise<void> {
  if (state === 'paused' || state === 'cancelled' || state === 'archived') {
    throw new ConflictError(`Deployment "${slug}" is ${state}.`);
  }
  const [live] = await findLiveSubscriptions(readsWithin(db), [id]);
  if (live) throw new ConflictError(`Deployment "${slug}" has a live subscription already.`);
}

/** An earlier subscription may have billed days, today among them: those are not billed again. */
async function firstFreeDay(
  db: EntityManager,
  { id, slug }: Deployment,
  asked: string | null | undefined,
  startsOn: Day,
): Promise<Day> {
  const [billed]: [{ until: Day | null }] = await db.query(
    `select max(segment.until_day)::text as until from subscription_segments segment
     join subscriptions subscription on subscription.id = segment.subscription_id where subscription.deployment_id = $1
       and segment.until_day > segment.from_day`,
    [id],
  );
  if (billed.until === null || billed.until <= startsOn) return startsOn;
  if (asked) {
    throw new ConflictError(
      `Deployment "${slug}" had a subscription until ${billed.until}; name that day or a later one.`,
    );
  }
  return laterDay(startsOn, billed.until);
}

/** A deployment's month has one currency: an earlier subscription may have billed days of it in another. */
async function rejectSecondCurrency(
  db: EntityManager,
  { id, slug }: Deployment,
  currency: Currency,
  startsOn: Day,
): Promise<void> {
  const [other]: { currency: Currency }[] = await db.query(
    `select version.currency from subscription_segments segment join plan_versions version on version.id = segment.plan_version_id
     join subscriptions subscription on subscription.id = segment.subscription_id
     where subscription.deployment_id = $1 and version.currency <> $2 and segment.until_day > greatest(segment.from_day, $3::date)
     limit 1`,
    [id, currency, periodOf(startsOn)],
  );
  if (!other) return;
  throw new ConflictError(
    `Deployment "${slug}" has billed days in ${other.currency} in that month; a plan in ${currency} can follow on the 1st of the next one.`,
  );
}
