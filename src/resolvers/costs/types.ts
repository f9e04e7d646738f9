import { Field, Float, ID, InputType, Int, ObjectType } from 'type-graphql';
import { MATCH_STATUSES, type MatchStatus } from '../../core/costs/match.js';
import type { ResourceKind } from '../../core/inventory/resource-kind.js';
import type { Money } from '../../core/money/money.js';
import { INGEST_STATUSES, type IngestStatus } from '../../entities/cloud-invoice.js';
import { connectionOf } from '../connection.js';
import { enumOf, ResourceKindEnum } from '../enums.js';
import { MoneyType } from '../money.js';
import { NodeType } from '../nodes/node-type.js';
import { DateScalar, DateTimeScalar, DecimalScalar } from '../scalars.js';

export const IngestStatusEnum = enumOf('IngestStatus', INGEST_STATUSES, {
  description: "Where the ingest of a provider's invoice stands.",
  values: { INGESTING: 'Queued or at work; the lines of the ingest before it still count.' },
});
export const MatchStatusEnum = enumOf('MatchStatus', MATCH_STATUSES, {
  description: 'Why a cost line has, or has not, a resource.',
  values: {
    MATCHED: 'By kind and name, to exactly one resource.',
    HISTORIC: 'To a resource that is gone from the provider: a tombstone, or one known from invoices alone.',
    TAX: 'GST or another tax.',
    ACCOUNT_LEVEL: 'Billed to the account, to no single resource (the Spaces subscription, support, credits).',
    AMBIGUOUS: 'Several resources bear that name.',
  },
});

@ObjectType('BalanceSnapshot', {
  description: "What the provider stated as the account's balance at one moment.",
  simpleResolvers: true,
})
export class BalanceSnapshotType {
  @Field(() => ID) id: string;
  @Field(() => DateTimeScalar) takenAt: Date;
  @Field(() => MoneyType) monthToDateUsage: Money;
  @Field(() => MoneyType, { description: 'The sum of the other two.' }) monthToDateBalance: Money;
  @Field(() => MoneyType, { description: 'Negative is credit.' }) accountBalance: Money;
}

@ObjectType('CloudInvoice', { implements: NodeType, simpleResolvers: true, description: "The provider's bill to us." })
export class CloudInvoiceType {
  @Field(() => ID) id: string;
  @Field(() => String) provider: string;
  @Field(() => String, { description: "The provider's UUID of the invoice." }) providerId: string;
  @Field(() => DateScalar, { description: 'The month that it bills.' }) period: string;
  @Field(() => MoneyType, { description: 'As the provider states it.' }) total: Money;
  @Field(() => MoneyType, { nullable: true, description: 'Null before ingest.' }) tax: Money | null;
  @Field(() => MoneyType, { nullable: true, description: 'What its lines come to; null before ingest.' })
  linesTotal: Money | null;
  @Field(() => DateTimeScalar) issuedAt: Date;
  @Field(() => IngestStatusEnum) ingestStatus: IngestStatus;
  @Field(() => DateTimeScalar, { nullable: true }) ingestedAt: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why the last ingest failed, with the line; the lines of the one before it still count.',
  })
  ingestError: string | null;
  @Field(() => Int) lineCount: number;
  @Field(() => Float, {
    nullable: true,
    description: 'Lines attached to a resource, over all lines; null before ingest.',
  })
  matchRate: number | null;
  @Field(() => DateTimeScalar, { nullable: true }) pushedToFinanceAt: Date | null;
  @Field(() => String, { nullable: true }) financeInvoiceId: string | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the push that failed is tried again; null where none did.',
  })
  financeNextAttemptAt: Date | null;
}

@ObjectType('CostLine', {
  description: "One line of the provider's invoice, and the resource that it bills.",
  simpleResolvers: true,
})
export class CostLineType {
  @Field(() => ID) id: string;
  @Field(() => Int) lineNumber: number;
  @Field(() => DateScalar) period: string;
  @Field(() => String) product: string;
  @Field(() => String, { nullable: true }) groupDescription: string | null;
  @Field(() => String) description: string;
  @Field(() => ResourceKindEnum, { nullable: true }) kind: ResourceKind | null;
  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "As printed: a backup's are the number of backups, a droplet's are rounded; no amount follows from them.",
  })
  hours: string | null;
  @Field(() => DateTimeScalar, { nullable: true }) startsAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) endsAt: Date | null;
  @Field(() => MoneyType) amount: Money;
  @Field(() => String, { nullable: true }) projectName: string | null;
  @Field(() => String, { nullable: true }) category: string | null;
  @Field(() => MatchStatusEnum) matchStatus: MatchStatus;
  @Field(() => String, { description: 'One sentence that an operator can act on.' }) matchReason: string;
}

export const CloudInvoiceConnection = connectionOf<CloudInvoiceType>(() => CloudInvoiceType, 'CloudInvoice');
export const CostLineConnection = connectionOf<CostLineType>(() => CostLineType, 'CostLine');

@InputType('CostLineFilter', { description: 'Which cost lines to list.' })
export class CostLineFilterInput {
  @Field(() => DateScalar, { nullable: true }) period?: string | null;
  @Field(() => ResourceKindEnum, { nullable: true }) kind?: ResourceKind | null;
  @Field(() => MatchStatusEnum, { nullable: true }) matchStatus?: MatchStatus | null;
  @Field(() => ID, { nullable: true }) invoiceId?: string | null;
}

@ObjectType('BalancePayload', { simpleResolvers: true })
export class BalancePayload {
  @Field(() => BalanceSnapshotType) balance: BalanceSnapshotType;
}

@ObjectType('DiscoverInvoicesPayload', { simpleResolvers: true })
export class DiscoverInvoicesPayload {
  @Field(() => Int, { description: 'Invoices that were not known before.' }) discovered: number;
  @Field(() => Int, { description: 'Invoices that now wait for an ingest, those from before included.' })
  queued: number;
}

@ObjectType('CloudInvoicePayload', { simpleResolvers: true })
export class CloudInvoicePayload {
  @Field(() => CloudInvoiceType) invoice: CloudInvoiceType;
}
