import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { Money } from '../../core/money/money.js';
import { latestBalance, snapshotBalance } from '../../services/costs/balance.js';
import { discoverInvoices } from '../../services/costs/discover-invoices.js';
import {
  type CloudInvoiceRow,
  differenceOf,
  financeProblemOf,
  listCloudInvoices,
} from '../../services/costs/list-cloud-invoices.js';
import { type CostLineRow, listCostLines } from '../../services/costs/list-cost-lines.js';
import { requestIngest } from '../../services/costs/request-ingest.js';
import type { ResourceRow } from '../../services/inventory/list-resources.js';
import { Authorized } from '../authorized.js';
import { listConnection } from '../connection.js';
import { ResourceType } from '../inventory/types.js';
import { MoneyType } from '../money.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import {
  BalancePayload,
  BalanceSnapshotType,
  CloudInvoiceConnection,
  CloudInvoicePayload,
  CloudInvoiceType,
  CostLineConnection,
  CostLineFilterInput,
  CostLineType,
  DiscoverInvoicesPayload,
} from './types.js';

@Resolver(() => BalanceSnapshotType)
export class BalanceResolver {
  @Authorized(OPERATOR)
  @Query(() => BalanceSnapshotType, { nullable: true, description: 'The newest snapshot.' })
  balance(@Ctx() { app }: RequestContext) {
    return latestBalance(app);
  }

  @Authorized(OPERATOR)
  @Mutation(() => BalancePayload, { description: 'Takes a snapshot now.' })
  async refreshBalance(@Ctx() { app }: RequestContext): Promise<BalancePayload> {
    return { balance: await snapshotBalance(app) };
  }
}

@Resolver(() => CloudInvoiceType)
export class CloudInvoiceResolver {
  @Authorized(OPERATOR)
  @Query(() => CloudInvoiceConnection, { description: 'The newest month first.' })
  cloudInvoices(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listCloudInvoices(app), page, info);
  }

  @Authorized(OPERATOR)
  @Query(() => CloudInvoiceType, { nullable: true })
  cloudInvoice(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    return loaders.cloudInvoiceById.load(id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => DiscoverInvoicesPayload, { description: 'Discovers new invoices and queues their ingest.' })
  discoverCloudInvoices(@Ctx() { app }: RequestContext): Promise<DiscoverInvoicesPayload> {
    return discoverInvoices(app);
  }

  @Authorized(OPERATOR)
  @Mutation(() => CloudInvoicePayload, {
    description:
      'Ingests one anew: replaces its lines, matches, pushes to finance. Queued: INGESTING until it is done.',
  })
  async ingestCloudInvoice(@Ctx() { app, loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    await requestIngest(app, id);
    return { invoice: await loaders.cloudInvoiceById.load(id) };
  }

  @FieldResolver(() => CostLineConnection)
  lines(
    @Root() invoice: CloudInvoiceRow,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listCostLines(app, { invoiceId: invoice.id }), page, info);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'By how much its lines miss the stated total, as a sentence; null if they agree to the cent.',
    deprecationReason: 'Use `difference`, which is Money.',
  })
  totalDifference(@Root() invoice: CloudInvoiceRow): string | null {
    return differenceOf(invoice);
  }

  @FieldResolver(() => MoneyType, {
    nullable: true,
    description:
      'Stated total less the total of the lines: zero if they agree to the cent; null before the first ingest.',
  })
  difference(@Root() { total, linesTotal }: CloudInvoiceRow): Money | null {
    return linesTotal && { cents: total.cents - linesTotal.cents, currency: total.currency };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'Why finance has not got it as last ingested: how the last push failed, or why it is held back.',
  })
  financeError(@Root() invoice: CloudInvoiceRow, @Ctx() { app }: RequestContext): string | null {
    return financeProblemOf(app, invoice);
  }
}

@Resolver(() => CostLineType)
export class CostLineResolver {
  @Authorized(OPERATOR)
  @Query(() => CostLineConnection, { description: 'The newest month first.' })
  costLines(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => CostLineFilterInput, { nullable: true }) filter: CostLineFilterInput | null | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listCostLines(app, filter ?? {}), page, info);
  }

  @FieldResolver(() => CloudInvoiceType)
  invoice(@Root() line: CostLineRow, @Ctx() { loaders }: RequestContext) {
    return loaders.cloudInvoiceById.load(line.invoiceId);
  }

  @FieldResolver(() => ResourceType, { nullable: true })
  resource(@Root() line: CostLineRow, @Ctx() { loaders }: RequestContext) {
    return line.resourceId === null ? null : loaders.resourceById.load(line.resourceId);
  }
}

@Resolver(() => ResourceType)
export class ResourceCostsResolver {
  @Authorized(OPERATOR)
  @FieldResolver(() => CostLineConnection, { description: 'What it has cost, newest period first.' })
  costLines(
    @Root() resource: ResourceRow,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listCostLines(app, { resourceId: resource.id }), page, info);
  }
}
