import { Arg, Ctx, Field, FieldResolver, ID, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { Money } from '../../core/money/money.js';
import type { PriceChange } from '../../core/reports/replay.js';
import { simulatePlanVersion } from '../../services/reports/simulation/simulate-plan-version.js';
import { Authorized } from '../authorized.js';
import { PlanVersionType } from '../catalog/types.js';
import { BasePrice, ListSize, REPORT_PRICE } from '../list-size.js';
import { MoneyType } from '../money.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import { AmountProblemType } from './amount-problem.js';
import { FxRateType } from './fx-types.js';
import { MarginType } from './margin-types.js';

@ObjectType('PriceChange', { description: 'A margin before and after a change of prices.', simpleResolvers: true })
export class PriceChangeType {
  @Field(() => MarginType, { description: 'By the versions that were really in force.' }) before: MarginType;
  @Field(() => MarginType) after: MarginType;
}

@ObjectType('TenantPriceChange', {
  description: "One tenant's margin before and after a change of prices.",
  simpleResolvers: true,
})
export class TenantPriceChangeType {
  @Field(() => String) tenantId: string;
  @Field(() => PriceChangeType) change: PriceChangeType;
}

@ObjectType('PlanVersionSimulation', {
  simpleResolvers: true,
  description:
    "A month's real usage of all present subscribers of a plan, priced by one version of it in place of those in force. Before GST; whole tenants, with what they have beside that plan.",
})
export class PlanVersionSimulationType {
  @Field(() => PlanVersionType) planVersion: PlanVersionType;
  @Field(() => DateScalar) period: string;
  @ListSize(2)
  @Field(() => [FxRateType], { description: "The rates that converted the provider's currency." })
  fxRates: FxRateType[];
  @Field(() => PriceChangeType) overall: PriceChangeType;
  @ListSize(10)
  @Field(() => [AmountProblemType], {
    description: 'Tenants that cannot be priced and are left out of `overall` and `byTenant`.',
  })
  problems: readonly AmountProblemType[];
}

@Resolver(() => PriceChangeType)
export class PriceChangeResolver {
  @FieldResolver(() => MoneyType, {
    description: 'After less before; the cost is the same, so the margin moves by as much.',
  })
  difference(@Root() { differenceCents, before }: PriceChange): Money {
    return { cents: differenceCents, currency: before.revenue.currency };
  }
}

@Resolver(() => PlanVersionSimulationType)
export class SimulationResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => PlanVersionSimulationType, {
    description: 'What a version, a draft too, would have brought in a month. Writes nothing.',
  })
  simulatePlanVersion(
    @Ctx() { app }: RequestContext,
    @Arg('planVersionId', () => ID, { description: 'The version to price by; a draft is possible.' })
    planVersionId: string,
    @Arg('period', () => DateScalar, { description: 'Any day of the month.' }) period: string,
  ) {
    return simulatePlanVersion(app, planVersionId, period);
  }

  @ListSize(100)
  @FieldResolver(() => [TenantPriceChangeType], { description: 'Sums to `overall`.' })
  byTenant(@Root() { byTenant }: Awaited<ReturnType<typeof simulatePlanVersion>>) {
    return byTenant.map(({ tenantId, ...change }) => ({ tenantId, change }));
  }
}
