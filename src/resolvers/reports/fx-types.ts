import { Field, InputType, ObjectType } from 'type-graphql';
import type { Currency } from '../../core/money/money.js';
import { CurrencyCodeEnum } from '../money.js';
import { DateScalar, DecimalScalar } from '../scalars.js';

@ObjectType('FxRate', {
  simpleResolvers: true,
  description: 'One unit of `base` is `rate` units of `quote`, from that day until a later rate of the pair.',
})
export class FxRateType {
  @Field(() => CurrencyCodeEnum) base: Currency;
  @Field(() => CurrencyCodeEnum) quote: Currency;
  @Field(() => DateScalar) effectiveFrom: string;
  @Field(() => DecimalScalar) rate: string;
}

@InputType('SetFxRateInput', { description: 'An exchange rate and the day from which it holds.' })
export class SetFxRateInput {
  @Field(() => CurrencyCodeEnum) base: Currency;
  @Field(() => CurrencyCodeEnum) quote: Currency;
  @Field(() => DateScalar) effectiveFrom: string;
  @Field(() => DecimalScalar) rate: string;
}

@ObjectType('FxRatePayload', { simpleResolvers: true })
export class FxRatePayload {
  @Field(() => FxRateType) fxRate: FxRateType;
}
