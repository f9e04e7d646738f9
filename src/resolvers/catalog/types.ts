import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import type { PlanItem, PlanVersionStatus } from '../../core/pricing/plan.js';
import { BillingKindEnum, PlanVersionStatusEnum } from '../billing-enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { NodeType } from '../nodes/node-type.js';
import { DateScalar, DateTimeScalar, DecimalScalar, SafeIntScalar } from '../scalars.js';

@ObjectType('Plan', {
  description: 'An offer of the catalog. Its versions have the prices.',
  implements: NodeType,
  simpleResolvers: true,
})
export class PlanType {
  @Field(() => ID) id: string;
  @Field(() => String) code: string;
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) description: string | null;
}

const UNIT = 'The unit that overage is priced in: `hour`, `gb_month`, `1k_tokens`.';
const OVERAGE_PRICE = 'Cents for one overage unit; may be a fraction of a cent.';
const HARD_CAP = 'The most overage, in base units, that is ever billed; null: no cap.';

@ObjectType('PlanItem', {
  description: 'What a plan version includes of one billing kind, and the price of more.',
  simpleResolvers: true,
})
export class PlanItemType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) includedQuantity: string;
  @Field(() => String, { description: UNIT }) overageUnit: string;
  @Field(() => DecimalScalar, { nullable: true, description: OVERAGE_PRICE }) overagePriceCents: string | null;
  @Field(() => DecimalScalar, { nullable: true, description: HARD_CAP }) hardCapQuantity: string | null;
}

const ALLOWED_SIZES = 'Size slugs that a tenant may provision on this version. Empty: none.';
const MAX_DEPLOYMENTS = 'Deployments of one tenant that may be on this plan at once. Null: no limit.';

@ObjectType('PlanVersion', { implements: NodeType, simpleResolvers: true, description: 'Immutable once published.' })
export class PlanVersionType {
  @Field(() => ID) id: string;
  @Field(() => Int) version: number;
  @Field(() => PlanVersionStatusEnum) status: PlanVersionStatus;
  @Field(() => MoneyType) basePrice: Money;
  @ListSize(8)
  @Field(() => [PlanItemType])
  items: PlanItem[];
  @ListSize(5)
  @Field(() => [String], { description: ALLOWED_SIZES })
  allowedSizes: string[];
  @Field(() => Int, { nullable: true, description: MAX_DEPLOYMENTS }) maxDeployments: number | null;
  @Field(() => DateTimeScalar, { nullable: true }) publishedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) retiredAt: Date | null;
}

@ObjectType('Addon', {
  description: 'Something that a subscription can add to its plan for a monthly price.',
  implements: NodeType,
  simpleResolvers: true,
})
export class AddonType {
  @Field(() => ID) id: string;
  @Field(() => String) code: string;
  @Field(() => String) name: string;
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
  @Field(() => MoneyType) price: Money;
}

@ObjectType('ResourcePrice', {
  simpleResolvers: true,
  description: 'Effective-dated price of one unit of what no plan item covers.',
})
export class ResourcePriceType {
  @Field(() => ID) id: string;
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => String) unit: string;
  @Field(() => DecimalScalar) unitPriceCents: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @Field(() => DateScalar) effectiveFrom: string;
  @Field(() => DateScalar, { nullable: true, description: 'The first day on which it no longer holds.' })
  effectiveTo: string | null;
}

@InputType('CreatePlanInput', { description: 'A new plan, without a version.' })
export class CreatePlanInput {
  @Field(() => String) code: string;
  @Field(() => String) name: string;
  @Field(() => String, { nullable: true }) description?: string | null;
}

@InputType('PlanItemInput', { description: 'What a plan version includes of one billing kind, and the price of more.' })
export class PlanItemInput {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) includedQuantity: string;
  @Field(() => String, { description: UNIT }) overageUnit: string;
  @Field(() => DecimalScalar, { nullable: true, description: OVERAGE_PRICE }) overagePriceCents?: string | null;
  @Field(() => DecimalScalar, { nullable: true, description: HARD_CAP }) hardCapQuantity?: string | null;
}

@InputType('CreatePlanVersionInput', { description: 'A new draft version of a plan, with its price and its items.' })
export class CreatePlanVersionInput {
  @Field(() => String) planCode: string;
  @Field(() => SafeIntScalar) basePriceCents: number;
  @Field(() => CurrencyCodeEnum, { defaultValue: 'AUD' }) currency: Currency;
  @Field(() => [PlanItemInput], { description: 'At most one a kind.' }) items: PlanItemInput[];
  @Field(() => [String], { defaultValue: [], description: `${ALLOWED_SIZES} At most 200.` }) allowedSizes: string[];
  @Field(() => Int, { nullable: true, description: MAX_DEPLOYMENTS }) maxDeployments?: number | null;
}

@InputType('CreateAddonInput', { description: 'A new addon of the catalog.' })
export class CreateAddonInput {
  @Field(() => String) code: string;
  @Field(() => String) name: string;
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
  @Field(() => SafeIntScalar) priceCents: number;
  @Field(() => CurrencyCodeEnum, { defaultValue: 'AUD' }) currency: Currency;
}

@InputType('SetResourcePriceInput', { description: 'The price of one billing kind and the day from which it holds.' })
export class SetResourcePriceInput {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => String) unit: string;
  @Field(() => DecimalScalar) unitPriceCents: string;
  @Field(() => CurrencyCodeEnum, { defaultValue: 'AUD' }) currency: Currency;
  @Field(() => DateScalar) effectiveFrom: string;
}

@ObjectType('PlanPayload', { simpleResolvers: true })
export class PlanPayload {
  @Field(() => PlanType) plan: PlanType;
}

@ObjectType('PlanVersionPayload', { simpleResolvers: true })
export class PlanVersionPayload {
  @Field(() => PlanVersionType) planVersion: PlanVersionType;
}

@ObjectType('AddonPayload', { simpleResolvers: true })
export class AddonPayload {
  @Field(() => AddonType) addon: AddonType;
}

@ObjectType('ResourcePricePayload', { simpleResolvers: true })
export class ResourcePricePayload {
  @Field(() => ResourcePriceType) resourcePrice: ResourcePriceType;
}
