import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { App } from '../../context.js';
import { OPERATOR } from '../../core/access/roles.js';
import type { DeploymentUsage } from '../../core/invoices/invoice.js';
import { type Period, parsePeriod } from '../../core/time/period.js';
import type { Deployment } from '../../entities/deployment.js';
import { issueInvoice, markInvoicePaid, voidInvoice } from '../../services/invoices/change-invoice-status.js';
import {
  findInvoice,
  type InvoiceLineRow,
  type InvoiceRow,
  listInvoices,
} from '../../services/invoices/list-invoices.js';
import { queueReceivablePush } from '../../services/invoices/push-receivable.js';
import { listRollUpFailures } from '../../services/invoices/roll-up-failures.js';
import { rollUpInvoices } from '../../services/invoices/roll-up-invoices.js';
import { countUnbilledUsage, listUnbilledUsage } from '../../services/reports/reconciliation/unbilled-usage.js';
import { Authorized } from '../authorized.js';
import { listConnection, toConnection } from '../connection.js';
import { DeploymentType } from '../deployments/types.js';
import { ListSize } from '../list-size.js';
import { UnbilledUsageConnection } from '../metering/unbilled-usage-types.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar, DateTimeScalar } from '../scalars.js';
import {
  InvoiceConnection,
  InvoiceFilterInput,
  InvoiceLineType,
  InvoicePayload,
  InvoiceType,
  KeptRollUpFailureConnection,
  ReceivableType,
  RollUpFailureFilterInput,
  RollUpInvoicesPayload,
  UnpricedDeploymentUsageType,
} from './types.js';

@Resolver(() => InvoiceType)
export class InvoiceResolver {
  @Query(() => InvoiceConnection, { description: 'The newest month first.' })
  invoices(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => InvoiceFilterInput, { nullable: true }) filter: InvoiceFilterInput | null | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listInvoices(app, viewer, filter ?? {}), page, info);
  }

  @Query(() => InvoiceType, { nullable: true })
  invoice(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return findInvoice(app.reads, viewer, id);
  }

  @Authorized(OPERATOR)
  @Query(() => KeptRollUpFailureConnection, {
    description: 'Invoices that could not be drafted, the last to fail first.',
  })
  rollUpFailures(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => RollUpFailureFilterInput, { nullable: true }) filter:
      | RollUpFailureFilterInput
      | null
      | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listRollUpFailures(app, filter ?? {}), page, info);
  }

  @Authorized(OPERATOR)
  @Mutation(() => RollUpInvoicesPayload, {
    description:
      'Drafts the invoices of a month that has ended; without `tenantId` those of every tenant. BAD_USER_INPUT if the month has not ended (UTC). CONFLICT, with `unmeteredDays`, if days of it are not metered, unless `allowUnmetered`.',
  })
  async rollUpInvoices(
    @Ctx() { app, requestId }: RequestContext,
    @Arg('period', () => DateScalar, { description: 'Any day of the month to bill.' }) period: string,
    @Arg('tenantId', () => String, { description: 'The tenant to bill; null: every tenant.', nullable: true }) tenantId:
      | string
      | null
      | undefined,
    @Arg('force', () => Boolean, {
      description: 'Whether to replace existing drafts. Issued, paid and void invoices stay.',
      nullable: true,
      defaultValue: false,
    })
    force: boolean | null,
    @Arg('allowUnmetered', () => Boolean, {
      description: 'Whether to draft although days of the month are not metered.',
      nullable: true,
      defaultValue: false,
    })
    allowUnmetered: boolean | null,
  ) {
    const request = {
      period,
      tenantId: tenantId ?? null,
      force: force ?? false,
      allowUnmetered: allowUnmetered ?? false,
      requestId,
    };
    const rolledUp = await rollUpInvoices(app, request);
    return { ...rolledUp, period: parsePeriod(period), tenantId: request.tenantId };
  }

  @Authorized(OPERATOR)
  @Mutation(() => InvoicePayload, {
    description:
      'From here on it is immutable. BAD_USER_INPUT if its month has not ended (UTC), CONFLICT if it was drafted before.',
  })
  async issueInvoice(@Ctx() { app }: RequestContext, @Arg('id', () => ID) id: string): Promise<InvoicePayload> {
    return settled(app, await issueInvoice(app, id));
  }

  @Authorized(OPERATOR)
  @Mutation(() => InvoicePayload)
  async markInvoicePaid(
    @Ctx() { app }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('paidAt', () => DateTimeScalar, { description: 'When it was paid; null: now.', nullable: true }) paidAt:
      | Date
      | null
      | undefined,
  ): Promise<InvoicePayload> {
    return settled(app, await markInvoicePaid(app, id, paidAt));
  }

  @Authorized(OPERATOR)
  @Mutation(() => InvoicePayload, { description: 'A draft or an issued one; its month is not billed again.' })
  async voidInvoice(
    @Ctx() { app }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('reason', () => String, { description: 'Why the invoice is withdrawn.' }) reason: string,
  ): Promise<InvoicePayload> {
    return settled(app, await voidInvoice(app, id, reason));
  }

  @Authorized(OPERATOR)
  @FieldResolver(() => ReceivableType, {
    nullable: true,
    description: 'What the finance service has of it; null for an invoice without a number.',
  })
  receivable(@Root() { id }: InvoiceRow, @Ctx() { loaders }: RequestContext) {
    return loaders.receivableByInvoiceId.load(id);
  }

  @FieldResolver(() => String, {
    description: 'Days of an invoice are calendar days of this zone, from midnight to midnight: always "UTC".',
  })
  timeZone(): string {
    return 'UTC';
  }

  @ListSize(20)
  @FieldResolver(() => [InvoiceLineType])
  async lines(@Root() invoice: InvoiceRow, @Ctx() { loaders }: RequestContext) {
    return (await loaders.lineListByInvoiceId.load(invoice.id))?.lines ?? [];
  }
}

@Resolver(() => UnpricedDeploymentUsageType)
export class UnpricedDeploymentUsageResolver {
  @FieldResolver(() => DeploymentType)
  deployment(@Root() usage: DeploymentUsage, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(usage.deploymentId);
  }
}

/** Whose invoices of which month were rolled up; a null tenant is every one. */
interface RolledUp {
  readonly period: Period;
  readonly tenantId: string | null;
}

@Resolver(() => RollUpInvoicesPayload)
export class RollUpResolver {
  @FieldResolver(() => UnbilledUsageConnection, {
    description: 'Usage of these tenants on days of the month without a live subscription, by deployment and kind.',
  })
  unbilled(
    @Root() rollUp: RolledUp,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listUnbilledUsage(app, rollUp, page), info, () => countUnbilledUsage(app, rollUp));
  }
}

/** After the commit: finance learns of it now, and by the sweep if this is lost. */
async function settled(app: App, invoice: InvoiceRow): Promise<InvoicePayload> {
  if (invoice.number !== null) await queueReceivablePush(app, invoice.id, invoice.status);
  return { invoice };
}

@Resolver(() => InvoiceType)
export class HeldDeploymentsResolver {
  @ListSize(1)
  @FieldResolver(() => [DeploymentType], {
    description: "The tenant's deployments that are left out of this month because their billing was suspended.",
  })
  async heldDeployments(@Root() invoice: InvoiceRow, @Ctx() { loaders }: RequestContext) {
    const held = await loaders.heldDeploymentsByInvoiceId.load(invoice.id);
    const deployments = await Promise.all((held?.deploymentIds ?? []).map((id) => loaders.deploymentById.load(id)));
    return deployments.filter((deployment) => deployment !== null);
  }
}

@Resolver(() => InvoiceLineType)
export class InvoiceLineResolver {
  @FieldResolver(() => DeploymentType, { nullable: true, description: 'Null for tenant-level lines such as GST.' })
  deployment(@Root() line: InvoiceLineRow, @Ctx() { loaders }: RequestContext) {
    return line.deploymentId === null ? null : loaders.deploymentById.load(line.deploymentId);
  }
}

@Resolver(() => DeploymentType)
export class DeploymentInvoicesResolver {
  @ListSize(10)
  @FieldResolver(() => [InvoiceLineType], { description: 'Its lines on the invoice of that month.' })
  async invoiceLines(
    @Root() deployment: Deployment,
    @Ctx() { loaders }: RequestContext,
    @Arg('period', () => DateScalar, { description: 'Any day of the month.' }) period: string,
  ) {
    const list = await loaders.lineListByDeploymentId(parsePeriod(period)).load(deployment.id);
    return list?.lines ?? [];
  }

  @ListSize(2)
  @FieldResolver(() => [DateScalar], {
    description:
      'Months that the roll-up left out because billing was suspended, newest first. Once it is not, roll them up again with `force`.',
  })
  async heldPeriods(@Root() deployment: Deployment, @Ctx() { loaders }: RequestContext) {
    return (await loaders.heldPeriodsByDeploymentId.load(deployment.id))?.periods ?? [];
  }
}
