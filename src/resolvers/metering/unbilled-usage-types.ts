import { Field, ObjectType } from 'type-graphql';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import { BillingKindEnum } from '../billing-enums.js';
import { connectionOf } from '../connection.js';
import { DecimalScalar } from '../scalars.js';

@ObjectType('UnbilledUsage', {
  simpleResolvers: true,
  description: 'Usage of a deployment on days without a live subscription: no plan prices it, and no invoice bills it.',
})
export class UnbilledUsageType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
}
export const UnbilledUsageConnection = connectionOf<UnbilledUsageType>(() => UnbilledUsageType, 'UnbilledUsage');
