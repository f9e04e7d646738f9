import { Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import { CURRENCIES, type Currency, type Money, toMajorUnits } from '../core/money/money.js';
import { enumOf } from './enums.js';
import { DecimalScalar, SafeIntScalar } from './scalars.js';

export const CurrencyCodeEnum = enumOf('CurrencyCode', CURRENCIES, {
  description: 'A currency by its ISO 4217 code.',
  values: {
    AUD: 'Australian dollars; tenants are billed in it by default.',
    USD: 'US dollars; the provider bills in it.',
  },
});

@ObjectType('Money', {
  simpleResolvers: true,
  description: 'An amount of money. `cents` is exact minor units; `amount` is the same in major units, for display.',
})
export class MoneyType {
  @Field(() => SafeIntScalar) cents: number;
  @Field(() => CurrencyCodeEnum) currency: Currency;
}

@Resolver(() => MoneyType)
export class MoneyResolver {
  @FieldResolver(() => DecimalScalar)
  amount(@Root() money: Money): string {
    return toMajorUnits(money.cents);
  }
}
