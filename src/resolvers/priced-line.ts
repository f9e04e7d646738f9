import { Field, ObjectType } from 'type-graphql';
import type { BillingKind } from '../core/metering/billing-kind.js';
import type { Money } from '../core/money/money.js';
import type { LineKind, LineMeta } from '../core/pricing/priced-line.js';
import { BillingKindEnum, LineKindEnum } from './billing-enums.js';
import { MoneyType } from './money.js';
import { DecimalScalar, JsonObjectScalar } from './scalars.js';

@ObjectType('PricedLine', {
  simpleResolvers: true,
  description: 'One priced line; quotes and tenant invoices share the shape because they share the engine.',
})
export class PricedLineType {
  @Field(() => LineKindEnum) kind: LineKind;
  @Field(() => BillingKindEnum, { nullable: true }) billingKind: BillingKind | null;
  @Field(() => String) description: string;
  @Field(() => DecimalScalar) quantity: string;
  @Field(() => String) unit: string;
  @Field(() => DecimalScalar) unitPriceCents: string;
  @Field(() => MoneyType) amount: Money;
  @Field(() => JsonObjectScalar, {
    description: 'How the amount came about: allowance, used, cap, proration fraction.',
  })
  meta: LineMeta;
}
