import { Arg, Ctx, Field, ID, InputType, ObjectType, Query, Resolver } from 'type-graphql';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Money } from '../../core/money/money.js';
import { quotePlan } from '../../services/catalog/quote-plan.js';
import { BillingKindEnum } from '../billing-enums.js';
import { ListSize } from '../list-size.js';
import { MoneyType } from '../money.js';
import { PricedLineType } from '../priced-line.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar, DecimalScalar } from '../scalars.js';
import { PlanVersionType } from './types.js';

@InputType('UsageInput', { description: 'Usage of one billing kind to expect in a month, in base units.' })
export class UsageInput {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
}

@InputType('QuoteInput', { description: 'What to quote: a plan, its addons and the usage to expect in a month.' })
export class QuoteInput {
  @Field(() => String) planCode: string;
  @Field(() => ID, {
    nullable: true,
    description: 'Operator: quote this version, a draft too, in place of the active one.',
  })
  planVersionId?: string | null;
  @Field(() => [String], { defaultValue: [], description: 'Addon codes; a code named twice counts twice.' })
  addons: string[];
  @Field(() => [UsageInput], { defaultValue: [] }) projectedUsage: UsageInput[];
  @Field(() => DateScalar, {
    nullable: true,
    description: 'First day of the subscription; left out: the first of the month, so nothing is prorated.',
  })
  startsOn?: string | null;
}

@ObjectType('QuoteSection', { description: 'Some lines of a quote, and their total.', simpleResolvers: true })
export class QuoteSectionType {
  @ListSize(20)
  @Field(() => [PricedLineType])
  lines: PricedLineType[];
  @Field(() => MoneyType) total: Money;
}

@ObjectType('UnpricedUsage', { description: 'Usage of one billing kind that has no price.', simpleResolvers: true })
export class UnpricedUsageType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
}

@ObjectType('Quote', {
  description: 'What a plan would cost a tenant, with the addons and the usage of the input.',
  simpleResolvers: true,
})
export class QuoteType {
  @Field(() => PlanVersionType) planVersion: PlanVersionType;
  @Field(() => QuoteSectionType, { description: 'Fixed each month: plan base and addons.' })
  recurring: QuoteSectionType;
  @Field(() => QuoteSectionType, {
    description: '`recurring` prorated by days to `startsOn`; each line is rounded by itself.',
  })
  firstInvoice: QuoteSectionType;
  @Field(() => String, { description: 'Days billed over days in the month, as "12/31".' })
  prorationFraction: string;
  @Field(() => QuoteSectionType, { description: 'Use beyond plan and addon allowance, billed in arrears.' })
  overage: QuoteSectionType;
  @ListSize(8)
  @Field(() => [UnpricedUsageType], {
    description: 'Usage that neither the plan nor a resource price covers: shown, never dropped.',
  })
  unpriced: UnpricedUsageType[];
  @Field(() => MoneyType) allInMonthly: Money;
}

@Resolver()
export class QuoteResolver {
  @Query(() => QuoteType)
  quote(@Ctx() { app, viewer }: RequestContext, @Arg('input', () => QuoteInput) input: QuoteInput) {
    return quotePlan(app, viewer, input);
  }
}
