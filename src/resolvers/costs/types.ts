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
  values: { INGESTING: 'Queued or running. The lines of the ingest before it still count.' },
});
export const MatchStatusEnum = enumOf('MatchStatus', MATCH_STATUSES, {
  description: 'Whether a cost line is attached to a resource, and why.',
  values: {
    MATCHED: 'Attached to the one existing resource of its kind and name.',
    HISTORIC: 'Attached to a resource that the provider no longer has: a tombstone, or one that only invoices name.',
    TAX: 'GST or another tax.',
    ACCOUNT_LEVEL: 'Billed to the account, to no single resource (the Spaces subscription, support, credits).',
    AMBIGUOUS: 'Attached to none: several resources have that name.',
  },
});

@ObjectType('BalanceSnapshot', {
  description: "What the provider stated as the account's balance at one moment.",
  simpleResolvers: true,
})
export class BalanceSnapshotType {
  @Field(() => ID) id: string;
  @Field(() => DateTimeScalar) takenAt: Date;
  @Field(() => MoneyType, { description: 'Usage of this month so far.' }) monthToDateUsage: Money;
  @Field(() => MoneyType, { description: '`accountBalance` plus `monthToDateUsage`.' }) monthToDateBalance: Money;
  @Field(() => MoneyType, { description: 'Owed from earlier months; negative is credit.' }) accountBalance: Money;
}

@ObjectType('CloudInvoice', { implements: NodeType, simpleResolvers: true, description: "The provider's bill to us." })
export class CloudInvoiceType {
  @Field(() => ID) id: string;
  @Field(() => String, { description: 'The cloud provider, now always `digitalocean`.' }) provider: string;
  @Field(() => String, { description: "The provider's UUID of the invoice." }) providerId: string;
  @Field(() => DateScalar, { description: 'First day of the billed month.' }) period: string;
  @Field(() => MoneyType, { description: 'As the provider states it.' }) total: Money;
  @Field(() => MoneyType, { nullable: true, description: 'Sum of its tax lines; null before the first ingest.' })
  tax: Money | null;
  @Field(() => MoneyType, {
    nullable: true,
    description: 'Sum of its lines, tax included; null before the first ingest.',
  })
  linesTotal: Money | null;
  @Field(() => DateTimeScalar) issuedAt: Date;
  @Field(() => IngestStatusEnum) ingestStatus: IngestStatus;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the live lines were ingested; null before the first ingest.',
  })
  ingestedAt: Date | null;
  @Field(() => String, {
    nullable: true,
    description: 'Why the last ingest failed, with the line. The lines of the ingest before it still count.',
  })
  ingestError: string | null;
  @Field(() => Int, { description: 'Lines that count; 0 before the first ingest.' }) lineCount: number;
  @Field(() => Float, {
    nullable: true,
    description: 'The share of lines that are attached to a resource, from 0 to 1; null before the first ingest.',
  })
  matchRate: number | null;
  @Field(() => DateTimeScalar, { nullable: true, description: 'When finance last accepted it; null if it never did.' })
  pushedToFinanceAt: Date | null;
  @Field(() => String, { nullable: true, description: "Finance's id of it; null until finance accepts it." })
  financeInvoiceId: string | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When a failed push is retried; null if none failed.',
  })
  financeNextAttemptAt: Date | null;
}

@ObjectType('CostLine', {
  description: "One line of the provider's invoice, and the resource that it bills.",
  simpleResolvers: true,
})
export class CostLineType {
  @Field(() => ID) id: string;
  @Field(() => Int, { description: 'From 1, in the order of the CSV.' }) lineNumber: number;
  @Field(() => DateScalar, { description: 'First day of the billed month.' }) period: string;
  @Field(() => String) product: string;
  @Field(() => String, { nullable: true }) groupDescription: string | null;
  @Field(() => String) description: string;
  @Field(() => ResourceKindEnum, {
    nullable: true,
    description:
      'What it bills. A backup is DROPLET_BACKUP though its resource is the droplet; null for a tax or an unknown product.',
  })
  kind: ResourceKind | null;
  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      'As the CSV prints them: rounded for a droplet, the number of backups for a backup. Amounts do not follow from them.',
  })
  hours: string | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the billed time begins; null if the CSV does not say.',
  })
  startsAt: Date | null;
  @Field(() => DateTimeScalar, {
    nullable: true,
    description: 'When the billed time ends; null if the CSV does not say.',
  })
  endsAt: Date | null;
  @Field(() => MoneyType) amount: Money;
  @Field(() => String, { nullable: true, description: "The provider's project, as the CSV names it." }) projectName:
    | string
    | null;
  @Field(() => String, { nullable: true }) category: string | null;
  @Field(() => MatchStatusEnum) matchStatus: MatchStatus;
  @Field(() => String, { description: 'Why it has this status, in one sentence that an operator can act on.' })
  matchReason: string;
}

export const CloudInvoiceConnection = connectionOf<CloudInvoiceType>(() => CloudInvoiceType, 'CloudInvoice');
export const CostLineConnection = connectionOf<CostLineType>(() => CostLineType, 'CostLine');

@InputType('CostLineFilter', { description: 'Which cost lines to list.' })
export class CostLineFilterInput {
  @Field(() => DateScalar, { nullable: true, description: 'Any day of the billed month.' }) period?: string | null;
  @Field(() => ResourceKindEnum, { nullable: true, description: 'Lines that bill this kind.' })
  kind?: ResourceKind | null;
  @Field(() => MatchStatusEnum, { nullable: true, description: 'Lines with this status.' })
  matchStatus?: MatchStatus | null;
  @Field(() => ID, { nullable: true, description: 'Lines of this cloud invoice.' }) invoiceId?: string | null;
}

@ObjectType('BalancePayload', { simpleResolvers: true })
export class BalancePayload {
  @Field(() => BalanceSnapshotType) balance: BalanceSnapshotType;
}

@ObjectType('DiscoverInvoicesPayload', { simpleResolvers: true })
export class DiscoverInvoicesPayload {
  @Field(() => Int, { description: 'Invoices that were not known before.' }) discovered: number;
  @Field(() => Int, { description: 'Invoices that now wait for an ingest, new or not.' })
  queued: number;
}

@ObjectType('CloudInvoicePayload', { simpleResolvers: true })
export class CloudInvoicePayload {
  @Field(() => CloudInvoiceType) invoice: CloudInvoiceType;
}
