import { Field, Float, ObjectType } from 'type-graphql';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import type { LineKind } from '../../core/pricing/priced-line.js';
import { COGS_TAX } from '../../core/reports/margin.js';
import { BillingKindEnum, LineKindEnum } from '../billing-enums.js';
import { enumOf, ResourceKindEnum } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { DateScalar } from '../scalars.js';
import { AmountProblemType } from './amount-problem.js';
import { FxRateType } from './fx-types.js';

export const CogsTaxEnum = enumOf('CogsTax', COGS_TAX, {
  description: "Whether the tax within the provider's bill counts as cost.",
});

@ObjectType('Margin', { description: 'Revenue less cost, in one currency.', simpleResolvers: true })
export class MarginType {
  @Field(() => MoneyType) revenue: Money;
  @Field(() => MoneyType) cogs: Money;
  @Field(() => MoneyType, {
    description: "The tax within the provider's bill, part of `cogs` where that is INCLUDED.",
  })
  cogsTax: Money;
  @Field(() => MoneyType) margin: Money;
  @Field(() => Float, {
    nullable: true,
    description: 'margin / revenue x 100, to one decimal; null where there is no revenue.',
  })
  marginPercent: number | null;
}

@ObjectType('TenantMargin', { description: "One tenant's revenue and cost of a month.", simpleResolvers: true })
export class TenantMarginType {
  @Field(() => String, { nullable: true }) tenantId: string | null;
  @Field(() => MarginType) margin: MarginType;
}

@ObjectType('DeploymentMargin', { description: "One deployment's revenue and cost of a month.", simpleResolvers: true })
export class DeploymentMarginType {
  @Field(() => MarginType) margin: MarginType;
}

@ObjectType('RevenueByKind', { description: 'Revenue of a month by what its lines bill.', simpleResolvers: true })
export class RevenueByKindType {
  @Field(() => LineKindEnum) kind: LineKind;
  @Field(() => BillingKindEnum, { nullable: true }) billingKind: BillingKind | null;
  @Field(() => MoneyType) revenue: Money;
}

@ObjectType('CogsByKind', {
  description: "The provider's cost of one kind of resource in a month.",
  simpleResolvers: true,
})
export class CogsByKindType {
  @Field(() => ResourceKindEnum, { nullable: true, description: 'Null: tax, and what bills no resource.' })
  kind: ResourceKind | null;
  @Field(() => MoneyType) cogs: Money;
}

@ObjectType('FxEffect', {
  simpleResolvers: true,
  description: 'What the move of the rate alone did to a margin; the rest of any change is business.',
})
export class FxEffectType {
  @Field(() => MoneyType, { description: "At the month's own rate." }) margin: Money;
  @Field(() => MoneyType, { description: 'The same books at the rate of the month before.' })
  marginAtPreviousRate: Money;
  @Field(() => MoneyType, { description: 'The first less the second.' }) fxEffect: Money;
}

@ObjectType('TenantFxEffect', {
  description: "What the move of the rate alone did to one tenant's margin.",
  simpleResolvers: true,
})
export class TenantFxEffectType extends FxEffectType {
  @Field(() => String, { nullable: true, description: 'Null: what belongs to nobody yet.' }) tenantId: string | null;
}

@ObjectType('FxEffectReport', {
  description: "The margin at the month's rate beside that at the rate of the month before.",
  simpleResolvers: true,
})
export class FxEffectReportType {
  @ListSize(2)
  @Field(() => [FxRateType])
  fxRates: FxRateType[];
  @ListSize(2)
  @Field(() => [FxRateType])
  previousFxRates: FxRateType[];
  @Field(() => FxEffectType) overall: FxEffectType;
  @ListSize(100)
  @Field(() => [TenantFxEffectType], { description: 'Sums to `overall`.' })
  byTenant: TenantFxEffectType[];
}

@ObjectType('MarginReport', {
  simpleResolvers: true,
  description: 'Revenue (tenant invoices before GST) against COGS (provider cost lines), all in one currency.',
})
export class MarginReportType {
  @Field(() => DateScalar) period: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @ListSize(2)
  @Field(() => [FxRateType], {
    description: "The rates that converted the provider's currency: of the month's last day.",
  })
  fxRates: FxRateType[];
  @ListSize(10)
  @Field(() => [AmountProblemType], { description: 'Tenants that are left out of all of it, and why.' })
  problems: readonly AmountProblemType[];
  @Field(() => MarginType) overall: MarginType;
  @ListSize(100)
  @Field(() => [TenantMarginType], { description: 'A null tenant is what belongs to nobody yet.' })
  byTenant: TenantMarginType[];
  @ListSize(200)
  @Field(() => [DeploymentMarginType], { description: 'What belongs to no deployment stands in `byTenant` alone.' })
  byDeployment: DeploymentMarginType[];
  @ListSize(12)
  @Field(() => [RevenueByKindType])
  revenueByKind: RevenueByKindType[];
  @ListSize(14)
  @Field(() => [CogsByKindType])
  cogsByKind: CogsByKindType[];
}
