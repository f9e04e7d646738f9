import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { InvoiceStatus } from '../../core/invoices/invoice.js';
import type { BillingKind } from '../../core/metering/billing-kind.js';
import type { Currency, Money } from '../../core/money/money.js';
import { BillingKindEnum, InvoiceStatusEnum } from '../billing-enums.js';
import { connectionOf } from '../connection.js';
import { ListSize } from '../list-size.js';
import { CurrencyCodeEnum, MoneyType } from '../money.js';
import { NodeType } from '../nodes/node-type.js';
import { PricedLineType } from '../priced-line.js';
import { DateScalar, DateTimeScalar, DecimalScalar } from '../scalars.js';

@ObjectType('UnpricedDeploymentUsage', {
  simpleResolvers: true,
  description: 'Usage of a deployment beyond its allowance that neither the plan nor a resource price covers.',
})
export class UnpricedDeploymentUsageType {
  @Field(() => BillingKindEnum) kind: BillingKind;
  @Field(() => DecimalScalar) quantity: string;
}

@ObjectType('Invoice', {
  implements: NodeType,
  simpleResolvers: true,
  description: 'Our bill to a tenant: one a tenant, period and currency.',
})
export class InvoiceType {
  @Field(() => ID) id: string;
  @Field(() => String, {
    nullable: true,
    description: 'Gapless within the year once issued; null while a draft, and on an invoice over nothing.',
  })
  number: string | null;
  @Field(() => String) tenantId: string;
  @Field(() => DateScalar) period: string;
  @Field(() => DateScalar, { description: 'The last day of it.' }) periodEnd: string;
  @Field(() => InvoiceStatusEnum) status: InvoiceStatus;
  @Field(() => MoneyType) subtotal: Money;
  @Field(() => MoneyType) tax: Money;
  @Field(() => MoneyType) total: Money;
  @Field(() => DateTimeScalar, { nullable: true }) issuedAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) paidAt: Date | null;
  @Field(() => DateTimeScalar, { nullable: true }) voidedAt: Date | null;
  @ListSize(10)
  @Field(() => [UnpricedDeploymentUsageType], {
    description:
      'Usage beyond the allowance that nothing prices and no line bills. Kept with the invoice, at most 8 a deployment.',
  })
  unpriced: readonly UnpricedDeploymentUsageType[];
}

@ObjectType('Receivable', {
  simpleResolvers: true,
  description: 'What the finance service has of an issued invoice.',
})
export class ReceivableType {
  @Field(() => InvoiceStatusEnum, {
    nullable: true,
    description: 'The status that finance has; null: it has not got the invoice.',
  })
  pushedStatus: InvoiceStatus | null;
  @Field(() => DateTimeScalar, { nullable: true }) pushedAt: Date | null;
  @Field(() => String, { nullable: true, description: "Finance's own id of the invoice." })
  financeInvoiceId: string | null;
  @Field(() => String, { nullable: true, description: 'How the last push failed; null once one succeeds.' })
  error: string | null;
  @Field(() => DateTimeScalar, { nullable: true, description: 'When a failed push is tried again.' })
  nextAttemptAt: Date | null;
}

@ObjectType('InvoiceLine', { description: "One line of a tenant's invoice.", simpleResolvers: true })
export class InvoiceLineType {
  @Field(() => ID) id: string;
  @Field(() => Int) position: number;
  @Field(() => String, { nullable: true, description: 'Of the deployment when the line was drafted; null for GST.' })
  deploymentSlug: string | null;
  @Field(() => String, { nullable: true, description: 'Of the deployment when the line was drafted; null for GST.' })
  deploymentName: string | null;
  @Field(() => PricedLineType) line: PricedLineType;
}

export const InvoiceConnection = connectionOf<InvoiceType>(() => InvoiceType, 'Invoice');

@InputType('InvoiceFilter', { description: 'Which invoices to list.' })
export class InvoiceFilterInput {
  @Field(() => String, {
    nullable: true,
    description: 'Only rows of that tenant. FORBIDDEN unless the viewer is an operator.',
  })
  tenantId?: string | null;
  @Field(() => DateScalar, { nullable: true }) period?: string | null;
  @Field(() => InvoiceStatusEnum, { nullable: true }) status?: InvoiceStatus | null;
}

@ObjectType('InvoicePayload', { simpleResolvers: true })
export class InvoicePayload {
  @Field(() => InvoiceType) invoice: InvoiceType;
}

@ObjectType('RollUpFailure', { description: 'An invoice that this roll-up could not draft.', simpleResolvers: true })
export class RollUpFailureType {
  @Field(() => String) tenantId: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @Field(() => ID, { nullable: true, description: 'What cannot be priced; null if it is the invoice as a whole.' })
  deploymentId: string | null;
  @Field(() => String) reason: string;
}

@ObjectType('KeptRollUpFailure', {
  simpleResolvers: true,
  description: 'An invoice that could not be drafted: its last attempt, until one succeeds.',
})
export class KeptRollUpFailureType extends RollUpFailureType {
  @Field(() => ID) id: string;
  @Field(() => DateScalar) period: string;
  @Field(() => String, { description: 'Of the request, or the run of the schedule: the log has it too.' })
  requestId: string;
  @Field(() => Int) attempts: number;
  @Field(() => DateTimeScalar) firstFailedAt: Date;
  @Field(() => DateTimeScalar) lastFailedAt: Date;
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was drafted after all.' })
  resolvedAt: Date | null;
}
export const KeptRollUpFailureConnection = connectionOf<KeptRollUpFailureType>(
  () => KeptRollUpFailureType,
  'KeptRollUpFailure',
);

@InputType('RollUpFailureFilter', { description: 'Which failures to list.' })
export class RollUpFailureFilterInput {
  @Field(() => String, { nullable: true }) tenantId?: string | null;
  @Field(() => DateScalar, { nullable: true }) period?: string | null;
  @Field(() => ID, { nullable: true }) deploymentId?: string | null;
  @Field(() => String, { nullable: true }) requestId?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'Left out: those that are not resolved.' })
  resolved?: boolean | null;
}

@ObjectType('HeldMonth', {
  simpleResolvers: true,
  description: 'A month of a deployment that the roll-up left out because its billing is suspended.',
})
export class HeldMonthType {
  @Field(() => String) tenantId: string;
  @Field(() => ID) deploymentId: string;
  @Field(() => DateScalar) period: string;
}

@ObjectType('UnbillableCharges', {
  simpleResolvers: true,
  description:
    "LLM charges to one deployment in one month that no invoice can bill: their currency is not that of the deployment's plan.",
})
export class UnbillableChargesType {
  @Field(() => String) tenantId: string;
  @Field(() => ID) deploymentId: string;
  @Field(() => DateScalar) period: string;
  @Field(() => CurrencyCodeEnum) currency: Currency;
  @Field(() => CurrencyCodeEnum) planCurrency: Currency;
  @Field(() => Int) requestCount: number;
  @Field(() => DecimalScalar, { description: 'Exact sum in major units.' }) charge: string;
}

@ObjectType('RollUpInvoicesPayload', { simpleResolvers: true })
export class RollUpInvoicesPayload {
  @Field(() => Int) created: number;
  @Field(() => Int, { description: 'There already, and not forced.' }) skipped: number;
  @Field(() => Int, {
    description: 'Forced: drafts written anew. An issued, paid or void invoice is never rewritten.',
  })
  replaced: number;
  @ListSize(10)
  @Field(() => [RollUpFailureType], {
    description: "Each of these names its tenant and why; the other tenants' invoices stand.",
  })
  failed: RollUpFailureType[];
  @ListSize(10)
  @Field(() => [HeldMonthType], {
    description: 'Deployments that are left out because their billing is suspended; by tenant, at most 100.',
  })
  held: HeldMonthType[];
  @ListSize(31)
  @Field(() => [DateScalar], {
    description: 'Days of the month that are not metered, so that their usage is on no draft.',
  })
  unmeteredDays: string[];
  @ListSize(10)
  @Field(() => [UnbillableChargesType], {
    description: "Charges up to the month's end that no invoice can bill; by tenant and month, at most 100.",
  })
  unbillableCharges: UnbillableChargesType[];
}
