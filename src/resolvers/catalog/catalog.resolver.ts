import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { parseDay } from '../../core/time/period.js';
import type { Plan } from '../../entities/plan.js';
import { createAddon, setResourcePrice } from '../../services/catalog/edit-addons-and-prices.js';
import { createPlan, createPlanVersion, publishPlanVersion } from '../../services/catalog/edit-plans.js';
import { findPlan, listAddons, listPlans, listResourcePrices } from '../../services/catalog/list-catalog.js';
import { listPlanVersions, type PlanVersionRow } from '../../services/catalog/plan-versions.js';
import { Authorized } from '../authorized.js';
import { ListSize } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import {
  AddonPayload,
  AddonType,
  CreateAddonInput,
  CreatePlanInput,
  CreatePlanVersionInput,
  PlanPayload,
  PlanType,
  PlanVersionPayload,
  PlanVersionType,
  ResourcePricePayload,
  ResourcePriceType,
  SetResourcePriceInput,
} from './types.js';

@Resolver(() => PlanType)
export class PlanResolver {
  @ListSize(20)
  @Query(() => [PlanType], {
    description: 'In the order of their codes. Only operators see a plan before its first version is published.',
  })
  plans(@Ctx() { app, viewer }: RequestContext) {
    return listPlans(app.reads, viewer);
  }

  @Query(() => PlanType, { nullable: true })
  plan(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('code', () => String, { description: 'The code of the plan.' }) code: string,
  ) {
    return findPlan(app.reads, viewer, code);
  }

  @ListSize(50)
  @Query(() => [AddonType], { description: 'In the order of their codes.' })
  addons(@Ctx() { app }: RequestContext) {
    return listAddons(app.reads);
  }

  @ListSize(50)
  @Query(() => [ResourcePriceType], { description: '`on`: those in force that day; left out: all.' })
  resourcePrices(
    @Ctx() { app }: RequestContext,
    @Arg('on', () => DateScalar, { description: 'Only prices in force on this day; null: all.', nullable: true }) on:
      | string
      | null
      | undefined,
  ) {
    return listResourcePrices(app.reads, on ? parseDay(on, 'on') : null);
  }

  @Authorized(OPERATOR)
  @Mutation(() => PlanPayload)
  async createPlan(
    @Ctx() { app }: RequestContext,
    @Arg('input', () => CreatePlanInput) input: CreatePlanInput,
  ): Promise<PlanPayload> {
    return { plan: await createPlan(app, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => PlanVersionPayload, { description: 'Always a new draft, with its items, or nothing.' })
  async createPlanVersion(
    @Ctx() { app }: RequestContext,
    @Arg('input', () => CreatePlanVersionInput) input: CreatePlanVersionInput,
  ) {
    const items = input.items.map((item) => ({
      ...item,
      overagePriceCents: item.overagePriceCents ?? null,
      hardCapQuantity: item.hardCapQuantity ?? null,
    }));
    const maxDeployments = input.maxDeployments ?? null;
    return { planVersion: await createPlanVersion(app, { ...input, items, maxDeployments }) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => PlanVersionPayload, {
    description: 'Retires the version that was active; subscriptions stay where they are.',
  })
  async publishPlanVersion(@Ctx() { app }: RequestContext, @Arg('id', () => ID) id: string) {
    return { planVersion: await publishPlanVersion(app, id) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => AddonPayload)
  async createAddon(@Ctx() { app }: RequestContext, @Arg('input', () => CreateAddonInput) input: CreateAddonInput) {
    return { addon: await createAddon(app, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => ResourcePricePayload, {
    description: 'It holds until the next one of its kind begins; one that began on the same day is replaced.',
  })
  async setResourcePrice(
    @Ctx() { app }: RequestContext,
    @Arg('input', () => SetResourcePriceInput) input: SetResourcePriceInput,
  ) {
    return { resourcePrice: await setResourcePrice(app, input) };
  }

  @FieldResolver(() => PlanVersionType, {
    nullable: true,
    description: 'What a new signup gets; null until a version is published.',
  })
  activeVersion(@Root() plan: Plan, @Ctx() { loaders }: RequestContext) {
    return loaders.activeVersionByPlanId.load(plan.id);
  }

  @Authorized(OPERATOR)
  @ListSize(20)
  @FieldResolver(() => [PlanVersionType], { description: 'Newest first.' })
  versions(@Root() plan: Plan, @Ctx() { app }: RequestContext) {
    return listPlanVersions(app.reads, plan.id);
  }
}

@Resolver(() => PlanVersionType)
export class PlanVersionResolver {
  @FieldResolver(() => PlanType)
  plan(@Root() version: PlanVersionRow, @Ctx() { loaders }: RequestContext) {
    return loaders.planById.load(version.planId);
  }

  @Authorized(OPERATOR)
  @FieldResolver(() => Int, { description: 'Live subscriptions on this version.' })
  async subscriberCount(@Root() version: PlanVersionRow, @Ctx() { loaders }: RequestContext) {
    return (await loaders.subscriberCountByVersionId.load(version.id))?.count ?? 0;
  }
}
