import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Granularity } from '../../core/metering/metering.js';
import type { Currency } from '../../core/money/money.js';
import { LLM_USAGE_OUTCOMES, type LlmUsageResult } from '../../services/metering/record-llm-usage.js';
import { BillingKindEnum, GranularityEnum } from '../billing-enums.js';
import { connectionOf } from '../connection.js';
import { enumOf } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum } from '../money.js';
import { DateTimeScalar, DecimalScalar, SafeIntScalar } from '../scalars.js';

@ObjectType('UsageTotal', { description: 'Metered usage of one billing kind, in base units.', simpleResolvers: true })
export class UsageTotalType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
}

@ObjectType('UsageRecord', { simpleResolvers: true, description: 'What one resource used in one day or hour.' })
export class UsageRecordType {
  @Field(() => ID) id: string;
  @Field(() => ID) deploymentId: string;
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => GranularityEnum) granularity: Granularity;
  @Field(() => DateTimeScalar) periodStart: Date;
  @Field(() => DecimalScalar) quantity: string;
}

export const UsageRecordConnection = connectionOf<UsageRecordType>(() => UsageRecordType, 'UsageRecord');

@ObjectType('MeteringConfig', {
  description: 'How finely one billing kind is metered, and how long its records stay.',
  simpleResolvers: true,
})
export class MeteringConfigType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => GranularityEnum) granularity: Granularity;
  @Field(() => Int, {
    description: 'Older records are deleted; those of this month and the last never are.',
  })
  retentionDays: number;
}

@InputType('MeteringConfigInput', {
  description: 'How finely to meter one billing kind, and how long to keep its records.',
})
export class MeteringConfigInput {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => GranularityEnum) granularity: Granularity;
  @Field(() => Int) retentionDays: number;
}

@ObjectType('MeteringConfigPayload', { simpleResolvers: true })
export class MeteringConfigPayload {
  @Field(() => MeteringConfigType) config: MeteringConfigType;
}

@ObjectType('MeterUsagePayload', { simpleResolvers: true })
export class MeterUsagePayload {
  @Field(() => Int, { description: 'Records written or refreshed; meeting the same day again changes nothing.' })
  recordCount: number;
}

@InputType('LlmUsageInput', { description: 'One request that the LLM gateway charged for.' })
export class LlmUsageInput {
  @Field(() => String, { description: "The gateway's id of the request: the idempotency key." })
  gatewayRequestId: string;
  @Field(() => ID) deploymentId: string;
  @Field(() => DateTimeScalar) occurredAt: Date;
  @Field(() => String) model: string;
  @Field(() => SafeIntScalar) inputTokens: number;
  @Field(() => SafeIntScalar) outputTokens: number;
  @Field(() => DecimalScalar, {
    description: 'What the gateway charges, exact, in major units; it is the price authority.',
  })
  charge: string;
  @Field(() => CurrencyCodeEnum, { defaultValue: 'AUD' }) currency: Currency;
}

export const LlmUsageOutcomeEnum = enumOf('LlmUsageOutcome', LLM_USAGE_OUTCOMES, {
  description: 'What became of one usage event.',
  values: {
    DUPLICATE: 'Seen before, with the same content.',
    REJECTED: 'Rejected; `reason` says why. The others of the batch are unaffected.',
  },
});

@ObjectType('LlmUsageResult', {
  description: 'What became of one usage event, by the id of its request.',
  simpleResolvers: true,
})
export class LlmUsageResultType {
  @Field(() => String) gatewayRequestId: string;
  @Field(() => LlmUsageOutcomeEnum) outcome: LlmUsageResult['outcome'];
  @Field(() => String, { nullable: true }) reason: string | null;
}

@ObjectType('RecordLlmUsagePayload', { simpleResolvers: true })
export class RecordLlmUsagePayload {
  @ListSize(100)
  @Field(() => [LlmUsageResultType], { description: 'One for each event, in the order given.' })
  results: LlmUsageResultType[];
}
