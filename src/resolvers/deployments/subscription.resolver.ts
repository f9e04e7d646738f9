import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { currentPeriod } from '../../core/deployments/subscription-status.js';
import { dayOf } from '../../core/time/period.js';
import { startTrial } from '../../services/lifecycle/trials.js';
import { attachAddon, detachAddon } from '../../services/subscriptions/addons.js';
import { changePlanVersion } from '../../services/subscriptions/change-plan-version.js';
import { cancelSubscription } from '../../services/subscriptions/change-status.js';
import type { SubscriptionAddonRow, SubscriptionRow } from '../../services/subscriptions/list-subscriptions.js';
import { subscribeDeployment } from '../../services/subscriptions/subscribe-deployment.js';
import { Authorized } from '../authorized.js';
import { AddonType, PlanVersionType } from '../catalog/types.js';
import { ListSize } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import { DeploymentType, PlanSubscriptionPayload, PlanSubscriptionType, SubscriptionAddonType } from './types.js';

@Resolver(() => PlanSubscriptionType)
export class PlanSubscriptionResolver {
  @Mutation(() => PlanSubscriptionPayload, {
    description:
      'To the active version of that plan. CONFLICT where it already has a live subscription. `startsOn` defaults to today; only an operator may name an earlier day.',
  })
  async subscribeDeployment(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('planCode', () => String, { description: 'The code of the plan.' }) planCode: string,
    @Arg('addons', () => [String], { description: 'Codes of addons to attach.', defaultValue: [] }) addons: string[],
    @Arg('startsOn', () => DateScalar, {
      description: 'The first billed day; null: today. Only an operator may name an earlier day.',
      nullable: true,
    })
    startsOn: string | null | undefined,
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await subscribeDeployment(app, viewer, id, { planCode, addons, startsOn }) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => PlanSubscriptionPayload, {
    description:
      'Puts an active deployment in TRIAL until `endsOn`, the first billed day: it turns ACTIVE then, or when it is moved there earlier. CONFLICT where it has a live subscription.',
  })
  async startTrial(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('planCode', () => String, { description: 'The code of the plan.' }) planCode: string,
    @Arg('endsOn', () => DateScalar, { description: 'The first billed day.' }) endsOn: string,
    @Arg('addons', () => [String], { description: 'Codes of addons to attach.', defaultValue: [] }) addons: string[],
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await startTrial(app, viewer, id, { planCode, addons, endsOn }) };
  }

  @Mutation(() => PlanSubscriptionPayload)
  async attachAddon(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('subscriptionId', () => ID, { description: 'The subscription that gets the addon.' }) subscriptionId: string,
    @Arg('addonCode', () => String, { description: 'The code of the addon.' }) addonCode: string,
    @Arg('startsOn', () => DateScalar, {
      description: 'The first day that it is billed; null: today. Only an operator may name an earlier day.',
      nullable: true,
    })
    startsOn: string | null | undefined,
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await attachAddon(app, viewer, subscriptionId, addonCode, startsOn) };
  }

  @Mutation(() => PlanSubscriptionPayload, { description: 'Today is still billed.' })
  async detachAddon(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('subscriptionAddonId', () => ID, { description: 'The id of the addon on its subscription.' })
    subscriptionAddonId: string,
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await detachAddon(app, viewer, subscriptionAddonId) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => PlanSubscriptionPayload, {
    description: 'Moves one subscription to another version of any plan, from today on.',
  })
  async changePlanVersion(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('subscriptionId', () => ID, { description: 'The subscription to move.' }) subscriptionId: string,
    @Arg('planVersionId', () => ID, { description: 'The version to move to, published.' }) planVersionId: string,
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await changePlanVersion(app, viewer, subscriptionId, planVersionId) };
  }

  @Mutation(() => PlanSubscriptionPayload, { description: 'Today is still billed.' })
  async cancelSubscription(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
  ): Promise<PlanSubscriptionPayload> {
    return { subscription: await cancelSubscription(app, viewer, id) };
  }

  @FieldResolver(() => DeploymentType)
  deployment(@Root() subscription: SubscriptionRow, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(subscription.deploymentId);
  }

  @FieldResolver(() => PlanVersionType)
  planVersion(@Root() subscription: SubscriptionRow, @Ctx() { loaders }: RequestContext) {
    return loaders.planVersionById.load(subscription.planVersionId);
  }

  @FieldResolver(() => DateScalar)
  currentPeriodStart(@Root() subscription: SubscriptionRow, @Ctx() { app }: RequestContext) {
    return currentPeriod(subscription.startsOn, dayOf(app.clock())).start;
  }

  @FieldResolver(() => DateScalar, { description: 'The last day of it.' })
  currentPeriodEnd(@Root() subscription: SubscriptionRow, @Ctx() { app }: RequestContext) {
    return currentPeriod(subscription.startsOn, dayOf(app.clock())).end;
  }

  @ListSize(5)
  @FieldResolver(() => [SubscriptionAddonType], { description: 'Those still attached.' })
  async addons(@Root() subscription: SubscriptionRow, @Ctx() { loaders }: RequestContext) {
    return (await loaders.addonListBySubscriptionId.load(subscription.id))?.addons ?? [];
  }
}

@Resolver(() => SubscriptionAddonType)
export class SubscriptionAddonResolver {
  @FieldResolver(() => AddonType)
  addon(@Root() attached: SubscriptionAddonRow, @Ctx() { loaders }: RequestContext) {
    return loaders.addonById.load(attached.addonId);
  }
}
