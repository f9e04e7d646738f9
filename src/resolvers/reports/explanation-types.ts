import { Field, ID, Int, ObjectType } from 'type-graphql';
import type { Currency, Money } from '../../core/money/money.js';
import type { ExactCents } from '../../core/money/rounded-cents.js';
import { connectionOf } from '../connection.js';
import { enumOf } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { DateScalar, DateTimeScalar, DecimalScalar, SafeIntScalar } from '../scalars.js';

@ObjectType('ExactCents', {
  simpleResolvers: true,
  description: 'Cents as a fraction: a price divided by the days of a month often has no last decimal.',
})
export class ExactCentsType {
  @Field(() => DecimalScalar) numerator: string;
  @Field(() => Int) denominator: number;
}

@ObjectType('AmountPart', { description: 'One summand of the exact amount of a line.', simpleResolvers: true })
export class AmountPartType {
  @Field(() => String) label: string;
  @Field(() => ExactCentsType) cents: ExactCents;
}

@ObjectType('QuantityPart', { description: 'One summand of the billed quantity of a line.', simpleResolvers: true })
export class QuantityPartType {
  @Field(() => String) label: string;
  @Field(() => DecimalScalar, { description: 'Usage adds; allowance and what is above the cap take away.' })
  quantity: string;
  @Field(() => String, { description: 'The same exactly: as a quotient ("20/31") if it has no last digit.' })
  exact: string;
}

export const AllowanceSourceEnum = enumOf('AllowanceSource', ['plan', 'addon'], {
  description: 'What grants an allowance.',
});

@ObjectType('Allowance', { simpleResolvers: true, description: 'What a plan or an addon grants of a billing kind.' })
export class AllowanceType {
  @Field(() => AllowanceSourceEnum) source: 'plan' | 'addon';
  @Field(() => String, { nullable: true }) addonCode: string | null;
  @Field(() => DecimalScalar, { description: 'For the days in force.' }) quantity: string;
  @Field(() => DecimalScalar, { description: 'For a whole month.' }) wholeQuantity: string;
  @Field(() => String, {
    nullable: true,
    description: 'Days in force over the days of the month, as "12/31"; null: the whole month.',
  })
  prorationFraction: string | null;
}

@ObjectType('ExplainedAddon', { simpleResolvers: true, description: 'As it stood when it was attached.' })
export class ExplainedAddonType {
  @Field(() => String) code: string;
  @Field(() => DecimalScalar) quantity: string;
  @Field(() => MoneyType, { description: 'For a whole month.' }) price: Money;
}

@ObjectType('LineUsage', {
  simpleResolvers: true,
  description: 'The metered usage that a line was priced from: the records and `residue` sum to `used`.',
})
export class LineUsageType {
  @Field(() => DateScalar) from: string;
  @Field(() => DateScalar, { description: 'The last day, included.' }) to: string;
  @Field(() => DecimalScalar, { description: 'What the line was priced from.' }) used: string;
  @Field(() => DecimalScalar, { description: 'The exact sum of `records`, as they stand now.' }) recorded: string;
  @Field(() => DecimalScalar, {
    description: 'What records cut of quotients; more if days were metered anew or pruned since.',
  })
  residue: string;
  @Field(() => Boolean, { description: 'Whether the records come to just what the line was priced from.' })
  isComplete: boolean;
}

@ObjectType('LlmCharge', { simpleResolvers: true, description: 'One request that the LLM gateway charged for.' })
export class LlmChargeType {
  @Field(() => ID) gatewayRequestId: string;
  @Field(() => DateTimeScalar) occurredAt: Date;
  @Field(() => String) model: string;
  @Field(() => SafeIntScalar) inputTokens: number;
  @Field(() => SafeIntScalar) outputTokens: number;
  @Field(() => DecimalScalar, { description: 'Exact, in major units.' }) charge: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
}

export const LlmChargeConnection = connectionOf<LlmChargeType>(() => LlmChargeType, 'LlmCharge');

@ObjectType('LineExplanation', {
  simpleResolvers: true,
  description:
    'An invoice line taken apart: quantity parts sum to `billableQuantity`, amount parts and `residue` to the amount of the line.',
})
export class LineExplanationType {
  @Field(() => String) formula: string;
  @Field(() => String, { description: 'The formula with its numbers.' }) calculation: string;
  @ListSize(2)
  @Field(() => [AllowanceType], { description: 'What was granted; empty but for overage.' })
  allowance: AllowanceType[];
  @ListSize(4)
  @Field(() => [QuantityPartType], { description: 'Empty but for overage.' })
  quantityParts: QuantityPartType[];
  @Field(() => DecimalScalar, { nullable: true, description: 'In base units; null but for overage.' })
  billableQuantity: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The same exactly: as a quotient ("20/31") if it has no last digit.',
  })
  exactBillableQuantity: string | null;
  @ListSize(4)
  @Field(() => [AmountPartType])
  amountParts: AmountPartType[];
  @Field(() => ExactCentsType, { description: 'What the one rounding of the line added or, negative, took.' })
  residue: ExactCents;
  @Field(() => ExplainedAddonType, { nullable: true, description: 'Null but for a line of an addon.' })
  addon: ExplainedAddonType | null;
}
