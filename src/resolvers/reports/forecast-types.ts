import { Field, ObjectType } from 'type-graphql';
import type { Currency, Money } from '../../core/money/money.js';
import { COGS_BASES, type CogsBasis } from '../../services/reports/forecast/read-cost-forecast-inputs.js';
import { enumOf } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { DateScalar, DecimalScalar } from '../scalars.js';
import { AmountProblemType } from './amount-problem.js';
import { FxRateType } from './fx-types.js';

export const CogsBasisEnum = enumOf('CogsBasis', COGS_BASES, {
  description: "What the provider's cost of the month so far is known from.",
  values: {
    BALANCE: 'Its running total, in the balance snapshots.',
    LAST_INVOICE: 'No running total yet: the days of its last invoice.',
    NONE: 'Nothing: cost is taken for zero.',
  },
});

@ObjectType('AmountForecast', {
  description: 'One amount of a month at its end: what is fixed, and what is metered.',
  simpleResolvers: true,
})
export class AmountForecastType {
  @Field(() => MoneyType, {
    description: "Known in advance: plan base and addons, the provider's fees to the account.",
  })
  fixed: Money;
  @Field(() => MoneyType, { description: 'What the complete days come to.' }) meteredAccrued: Money;
  @Field(() => MoneyType, { description: 'Those, and the days to come as the last seven went.' }) metered: Money;
  @Field(() => MoneyType, { description: '`fixed` and `metered`.' }) total: Money;
}

@ObjectType('DeploymentForecast', {
  description: "One deployment's revenue of a month at its end.",
  simpleResolvers: true,
})
export class DeploymentForecastType {
  @Field(() => AmountForecastType) revenue: AmountForecastType;
}

const PERCENT = 'Of the actual amount, to one decimal; null where that is zero.';

@ObjectType('ForecastError', {
  description: 'One month before: its forecast beside what it came to.',
  simpleResolvers: true,
})
export class ForecastErrorType {
  @Field(() => DateScalar) period: string;
  @Field(() => MoneyType) forecast: Money;
  @Field(() => MoneyType) actual: Money;
  @Field(() => MoneyType, { description: 'Forecast less actual.' }) error: Money;
  @Field(() => DecimalScalar, { nullable: true, description: PERCENT }) errorPercent: string | null;
}

@ObjectType('ForecastAccuracy', {
  description: 'How well the forecast would have met one amount in the months before.',
  simpleResolvers: true,
})
export class ForecastAccuracyType {
  @ListSize(6)
  @Field(() => [ForecastErrorType], {
    description: 'Oldest first; a month without books or without a rate is left out.',
  })
  months: ForecastErrorType[];
  @Field(() => DecimalScalar, { nullable: true, description: 'The mean size of the error; null without such months.' })
  meanAbsolutePercent: string | null;
  @Field(() => DecimalScalar, {
    nullable: true,
    description: 'Its mean with its sign: positive, too much is expected.',
  })
  biasPercent: string | null;
}

@ObjectType('ForecastAccuracyReport', {
  description: 'How well the forecast would have met revenue, cost and margin.',
  simpleResolvers: true,
})
export class ForecastAccuracyReportType {
  @Field(() => ForecastAccuracyType) revenue: ForecastAccuracyType;
  @Field(() => ForecastAccuracyType) cogs: ForecastAccuracyType;
  @Field(() => ForecastAccuracyType) margin: ForecastAccuracyType;
}

@ObjectType('MarginForecast', {
  simpleResolvers: true,
  description: 'A month at its end, as seen from one of its days.',
})
export class MarginForecastType {
  @Field(() => DateScalar) period: string;
  @Field(() => DateScalar, { description: 'The first day that is not complete.' }) asOf: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @Field(() => CogsBasisEnum) cogsBasis: CogsBasis;
  @ListSize(2)
  @Field(() => [FxRateType])
  fxRates: FxRateType[];
  @ListSize(10)
  @Field(() => [AmountProblemType], { description: 'What is left out, and why.' })
  problems: readonly AmountProblemType[];
}
