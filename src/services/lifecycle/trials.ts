import type { App, Viewer } from '../../context.js';
import { addDays, dayOf, parseDay, startOfDay } from '../../core/time/period.js';
import { query } from '../../database/queries.js';
import { rowOf } from '../../database/row-shape.js';
import { type Sql, sql } from '../../database/sql.js';
import { Deployment } from '../../entities/deployment.js';
import { BadUserInputError, ConflictError } from '../../errors.js';
import { requireActiveVersion } from '../catalog/list-catalog.js';
import { lockDeployment } from '../deployments/lock-deployment.js';
import { recordState } from '../deployments/record-state.js';
import { getSubscription, type SubscriptionRow } from '../subscriptions/list-subscriptions.js';
import { insertSubscription, rejectIfSubscribed } from '../subscriptions/subscribe-deployment.js';
import { moveDeployment } from './move-deployment.js';

const MAX_TRIAL_DAYS = 366;

export interface TrialRequest {
  readonly planCode: string;
  readonly addons: readonly string[];
  /** The first billed day. */
  readonly endsOn: string;
}

/**
 * Subscribes an active deployment to the active version of a plan from `endsOn` on and puts it in TRIAL until then: the only
 * way into that state. No day before `endsOn` is billed. Throws BAD_USER_INPUT, or CONFLICT if the deployment is not active
 * or has a live subscription. Operators only: the resolver sees to that.
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
    await rejectIfSubscribed(db, deployment);
    const version = await requireActiveVersion(query(db), planCode, 'planCode');
    const { id } = await insertSubscription(db, viewer, deployment, version, { addons, startsOn: endsOn }, at);
    await query(db).execute(
      sql`/* start-trial */ update subscriptions set trial_ends_at = ${startOfDay(endsOn)} where id = ${id}`,
    );
    await db.update(Deployment, { id: deployment.id }, { state: 'trial' });
    const event = { from: deployment.state, to: 'trial', actor: viewer.subject, at } as const;
    await recordState(db, deployment.id, { ...event, reason: `trial until ${endsOn}` });
    return getSubscription(query(db), id);
  });
}

const DueTrial = rowOf(Deployment, ['id']);
const MAX_TRIALS_PER_RUN = 500;

/** Deployments in TRIAL without a live subscription that is still within its trial at that time. */
function dueTrials(at: Date): Sql {
  return sql`select deployment.id from deployments deployment
    where deployment.state = 'trial' and not exists (select from subscriptions subscription
      where subscription.deployment_id = deployment.id and subscription.status <> 'cancelled'
        and subscription.trial_ends_at > ${at})`;
}

/**
 * Moves each deployment whose trial has ended to ACTIVE, with its event. Billing does not depend on when this runs: the
 * subscription has its first billed day from the start. Any number of processes may run it at once.
 */
export async function endDueTrials(app: Pick<App, 'db' | 'clock' | 'log'>): Promise<void> {
  const due = await query(app.db).many(
    DueTrial,
    sql`/* list-due-trials */ ${dueTrials(app.clock())} order by deployment.id limit ${MAX_TRIALS_PER_RUN}`,
  );
  for (const { id } of due) {
    try {
      await endTrial(app, id);
    } catch (err) {
      app.log.error({ err, deploymentId: id }, 'a trial could not be ended');
    }
  }
}

/** Changes nothing if another process has ended the trial meanwhile. */
async function endTrial(app: Pick<App, 'db' | 'clock'>, id: string): Promise<void> {
  const at = app.clock();
  await app.db.transaction(async (db) => {
    const deployment = await lockDeployment(db, { isOperator: true, tenantId: '' }, id);
    const due = await query(db).maybeOne(
      DueTrial,
      sql`/* find-due-trial */ ${dueTrials(at)} and deployment.id = ${id}`,
    );
    if (!due) return;
    const reason = 'the trial ended';
    await moveDeployment(db, deployment, { to: 'active', by: 'system', actor: 'schedule', reason, at });
  });
}
