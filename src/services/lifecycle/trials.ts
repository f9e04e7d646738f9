import type { App, Viewer } from '../../context.js';
import { addDays, dayOf, parseDay, startOfDay } from '../../core/time/period.js';
import { readsWithin } from '../../database/reads.js';
import { Deployment } from '../../entities/deployment.js';
import { BadUserInputError, ConflictError } from '../../errors.js';
import { requireActiveVersion } from '../catalog/list-catalog.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { recordState } from '../deployments/record-state.js';
import { findLiveSubscriptions, findSubscriptions, type SubscriptionRow } from '../subscriptions/list-subscriptions.js';
import { insertSubscription } from '../subscriptions/subscribe-deployment.js';
import { moveDeployment } from './move-deployment.js';

const MAX_TRIAL_DAYS = 366;

export interface TrialRequest {
  readonly planCode: string;
  readonly addons: readonly string[];
  /** The first billed day. */
  readonly endsOn: string;
}

/**
 * Subscribes an active deployment to the active version of a plan from `endsOn` on and puts it in TRIAL until then: the one
 * way into that state. Nothing before that day is billed. Operators only: the resolver sees to that.
 */
export async function startTrial(
  app: Pick<App, 'db' | 'clock'>,
  viewer: Viewer,
  deploymentId: string,
  { planCode, addons, endsOn: text }: TrialRequest,
): Promise<SubscriptionRow> {
  const at = app.clock();
  const endsOn = parseDay(text, 'endsOn');
  if (endsOn <= dayOf(at)) throw BadUserInputError.at('endsOn', 'must be after today');
  if (endsOn > addDays(dayOf(at), MAX_TRIAL_DAYS)) {
    throw BadUserInputError.at('endsOn', `must be at most ${MAX_TRIAL_DAYS} days from today`);
  }
  return app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, viewer, deploymentId);
    if (deployment.state !== 'active') {
      throw new ConflictError(`Deployment "${deployment.slug}" is ${deployment.state}; a trial starts from active.`);
    }
    const [live] = await findLiveSubscriptions(readsWithin(db), [deployment.id]);
    if (live) throw new ConflictError(`Deployment "${deployment.slug}" has a live subscription already.`);
    const version = await requireActiveVersion(readsWithin(db), planCode, 'planCode');
    const { id } = await insertSubscription(db, viewer, deployment, version, { addons, startsOn: endsOn }, at);
    await db.query('update subscriptions set trial_ends_at = $2 where id = $1', [id, startOfDay(endsOn)]);
    await db.update(Deployment, { id: deployment.id }, { state: 'trial' });
    const event = { from: deployment.state, to: 'trial', actor: viewer.subject, at } as const;
    await recordState(db, deployment.id, { ...event, reason: `trial until ${endsOn}` });
    return (await findSubscriptions(readsWithin(db), [id]))[0] as SubscriptionRow;
  });
}

/** Deployments in TRIAL of which no live subscription is still within its trial. */
const DUE = `select deployment.id, deployment.tenant_id as "tenantId" from deployments deployment
  where deployment.state = 'trial' and not exists (select from subscriptions subscription
    where subscription.deployment_id = deployment.id and subscription.status <> 'cancelled' and subscription.trial_ends_at > $1)`;
const MAX_A_RUN = 500;

/**
 * Turns each deployment ACTIVE whose trial has ended, with its event. Billing does not depend on when this runs: the
 * subscription has its first billed day from the start. Any number of processes may run it at once.
 */
export async function endDueTrials(app: Pick<App, 'db' | 'clock' | 'log'>): Promise<void> {
  const due: { id: string }[] = await app.db.query(`${DUE} order by deployment.id limit ${MAX_A_RUN}`, [app.clock()]);
  for (const { id } of due) {
    try {
      await app.db.transaction(async (db) => {
        const deployment = await lockDeployment(db, { isOperator: true, tenantId: '' }, id);
        const [still] = await db.query(`${DUE} and deployment.id = $2`, [app.clock(), id]);
        if (!still) return;
        const reason = 'the trial ended';
        await moveDeployment(db, deployment, {
          to: 'active',
          by: 'system',
          actor: 'schedule',
          reason,
          at: app.clock(),
        });
      });
    } catch (err) {
      app.log.error({ err, deploymentId: id }, 'trial not ended');
    }
  }
}
