import { Field, Int, ObjectType } from 'type-graphql';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import { COST_BUCKETS, type CostBucket, USAGE_STATUSES, type UsageStatus } from '../../core/reports/reconcile.js';
import type { Period } from '../../core/time/period.js';
import { BillingKindEnum } from '../billing-enums.js';
import { connectionOf } from '../connection.js';
import { enumOf } from '../enums.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { DateScalar, DecimalScalar } from '../scalars.js';

export const CostBucketEnum = enumOf('CostBucket', COST_BUCKETS, {
  description: "Where a line of the provider's bill ends up; each in one.",
  values: {
    TENANT: "Of a tenant's resource, one that is gone included.",
    INTERNAL: "Of a resource in the company's own project.",
    HISTORIC: 'Of a resource that is gone, and whose it was nobody knows.',
    UNEXPLAINED: 'Without a resource, or with one that exists and belongs to nobody.',
  },
});

export const UsageStatusEnum = enumOf('UsageStatus', USAGE_STATUSES, {
  description: 'How the metered usage of a deployment compares with its invoice.',
  values: {
    BILLED: 'A line was priced from just this quantity.',
    COVERED: 'No line, because the allowance covers it, or because there is nothing to bill.',
    CHANGED: 'What is metered now is not what the invoice was drafted from.',
    UNPRICED: 'Beyond the allowance, all or a part of it without a price.',
    NOT_INVOICED: 'Metered, and the deployment has no invoice of the month.',
    NOT_METERED: 'A line was priced from usage of which there is no record.',
  },
});

@ObjectType('CostBucketSum', { description: "What one bucket holds of a month's cost lines.", simpleResolvers: true })
export class CostBucketSumType {
  @Field(() => CostBucketEnum) bucket: CostBucket;
  @Field(() => Int) lineCount: number;
  @Field(() => MoneyType) amount: Money;
}

@ObjectType('CloudInvoiceReconciliation', {
  simpleResolvers: true,
  description: 'One invoice of the provider beside its lines.',
})
export class CloudInvoiceReconciliationType {
  @Field(() => MoneyType, { description: 'What its header says.' }) invoiced: Money;
  @Field(() => MoneyType) linesTotal: Money;
  @Field(() => Int) lineCount: number;
  @Field(() => MoneyType, { description: 'Header less lines; all of it before the ingest.' }) difference: Money;
}

@ObjectType('CostReconciliation', {
  simpleResolvers: true,
  description:
    "The provider's lines of a month in one currency: buckets sum to `linesTotal`, that and `difference` to `invoiced`.",
})
export class CostReconciliationType {
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @ListSize(6)
  @Field(() => [CostBucketSumType], { description: 'Every bucket, the empty ones too.' })
  buckets: CostBucketSumType[];
  @Field(() => MoneyType) linesTotal: Money;
  @Field(() => Int) lineCount: number;
  @Field(() => MoneyType, { description: "What the headers of the provider's invoices say." }) invoiced: Money;
  @Field(() => MoneyType, { description: 'Zero where every cent is explained.' }) difference: Money;
  @ListSize(2)
  @Field(() => [CloudInvoiceReconciliationType])
  invoices: CloudInvoiceReconciliationType[];
}

@ObjectType('UsageFinding', {
  simpleResolvers: true,
  description: 'One billing kind of one deployment: what was metered beside what was invoiced.',
})
export class UsageFindingType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => UsageStatusEnum) status: UsageStatus;
  @Field(() => DecimalScalar) metered: string;
  @Field(() => DecimalScalar, { description: 'The part of `metered` on days without a live subscription.' })
  unbilled: string;
  @Field(() => DecimalScalar, { description: 'What lines were priced from; 0 where there is none.' }) invoiced: string;
}
export const UsageFindingConnection = connectionOf<UsageFindingType>(() => UsageFindingType, 'UsageFinding');

@ObjectType('UsageStatusCount', { description: 'How many findings have one status.', simpleResolvers: true })
export class UsageStatusCountType {
  @Field(() => UsageStatusEnum) status: UsageStatus;
  @Field(() => Int) count: number;
}

@ObjectType('UndeployedCost', {
  simpleResolvers: true,
  description: 'A resource that costs money and belongs to no deployment.',
})
export class UndeployedCostType {
  @Field(() => MoneyType, { description: "In the provider's currency." }) cost: Money;
  @Field(() => Int) lineCount: number;
}
export const UndeployedCostConnection = connectionOf<UndeployedCostType>(() => UndeployedCostType, 'UndeployedCost');

@ObjectType('UndeployedTotal', {
  description: 'What resources of no deployment cost in one currency.',
  simpleResolvers: true,
})
export class UndeployedTotalType {
  @Field(() => Int) resourceCount: number;
  @Field(() => MoneyType) cost: Money;
}

@ObjectType('Reconciliation', {
  simpleResolvers: true,
  description:
    'A month of both books: what the provider billed and whose it is, what was metered and what was invoiced.',
})
export class ReconciliationType {
  @Field(() => DateScalar) period: Period;
}
