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
  @Field(() => BillingKindEnum, {
    nullable: true,
    description: 'What was used; null if the line bills no such kind, as plan base and tax.',
  })
  billingKind: BillingKind | null;
  @Field(() => String, { description: 'The text of the line as a customer reads it.' }) description: string;
  @Field(() => DecimalScalar, { description: 'How many of `unit` are billed.' }) quantity: string;
  @Field(() => String, { description: 'The unit that is priced: `month`, `hour`, `gb_month`, `1k_tokens`.' })
  unit: string;
  @Field(() => DecimalScalar, { description: 'Cents for one unit; may be a fraction of a cent.' })
  unitPriceCents: string;
  @Field(() => MoneyType, { description: 'The price of the line, rounded once to whole cents.' }) amount: Money;
  @Field(() => JsonObjectScalar, {
    description: 'How the amount came about: allowance, used, cap, proration fraction.',
  })
  meta: LineMeta;
}
