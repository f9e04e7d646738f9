import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { UsageStatus } from '../../core/reports/reconcile.js';
import { nextPeriod, type Period, parsePeriod } from '../../core/time/period.js';
import { listCostLines } from '../../services/costs/list-cost-lines.js';
import { listUnbillableCharges } from '../../services/metering/charge-terms.js';
import {
  type InvoiceReconciliation,
  reconcileProvider,
} from '../../services/reports/reconciliation/reconcile-costs.js';
import {
  countUsageFindings,
  listUsageFindings,
  type UsageFinding,
} from '../../services/reports/reconciliation/reconcile-usage.js';
import {
  countUnbilledUsage,
  listUnbilledUsage,
  type UnbilledUsage,
} from '../../services/reports/reconciliation/unbilled-usage.js';
import {
  listUndeployedCosts,
  totalUndeployedCosts,
  type UndeployedCost,
} from '../../services/reports/reconciliation/undeployed-costs.js';
import { Authorized } from '../authorized.js';
import { listConnection, toConnection } from '../connection.js';
import { CloudInvoiceType, CostLineConnection } from '../costs/types.js';
import { DeploymentType } from '../deployments/types.js';
import { ResourceType } from '../inventory/types.js';
import { UnbillableChargesType } from '../invoices/types.js';
import { BasePrice, ListSize, REPORT_PRICE } from '../list-size.js';
import { UnbilledUsageConnection, UnbilledUsageType } from '../metering/unbilled-usage-types.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import {
  CloudInvoiceReconciliationType,
  CostBucketSumType,
  CostReconciliationType,
  ReconciliationType,
  UndeployedCostConnection,
  UndeployedCostType,
  UndeployedTotalType,
  UsageFindingConnection,
  UsageFindingType,
  UsageStatusCountType,
  UsageStatusEnum,
} from './reconciliation-types.js';
import { type BucketOfMonth, toCostReconciliation } from './to-cost-reconciliation.js';

interface Reconciled {
  readonly period: Period;
}

@Resolver(() => ReconciliationType)
export class ReconciliationResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => ReconciliationType)
  reconciliation(
    @Arg('period', () => DateScalar, { description: 'Any day of the month.' }) period: string,
  ): Reconciled {
    return { period: parsePeriod(period) };
  }

  @ListSize(2)
  @FieldResolver(() => [CostReconciliationType], { description: 'One for each currency that the provider billed in.' })
  async costs(@Root() { period }: Reconciled, @Ctx() { app }: RequestContext) {
    return (await reconcileProvider(app, period)).map((costs) => toCostReconciliation(period, costs));
  }

  @ListSize(6)
  @FieldResolver(() => [UsageStatusCountType], { description: 'How many findings of each status there are.' })
  usageCounts(@Root() { period }: Reconciled, @Ctx() { app }: RequestContext) {
    return countUsageFindings(app, period);
  }

  @FieldResolver(() => UsageFindingConnection, { description: 'By deployment; `statuses` left out: all.' })
  usage(
    @Root() { period }: Reconciled,
    @Ctx() { app }: RequestContext,
    @Arg('statuses', () => [UsageStatusEnum], {
      description: 'Only findings of these statuses; null: all.',
      nullable: true,
    })
    statuses: UsageStatus[] | null | undefined,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listUsageFindings(app, period, statuses ?? null, page), info, async () => {
      const counts = await countUsageFindings(app, period);
      return counts.reduce((sum, { status, count }) => sum + (statuses?.includes(status) === false ? 0 : count), 0);
    });
  }

  @ListSize(100)
  @FieldResolver(() => [UnbillableChargesType], {
    description: "Charges up to the month's end that no invoice can bill; by tenant and month, at most 100.",
  })
  unbillableCharges(@Root() { period }: Reconciled, @Ctx() { app }: RequestContext) {
    return listUnbillableCharges(app.reads.reports, { before: nextPeriod(period), tenantId: null });
  }

  @ListSize(2)
  @FieldResolver(() => [UndeployedTotalType], {
    description: 'What resources of no deployment cost; one for each currency.',
  })
  undeployedTotals(@Root() { period }: Reconciled, @Ctx() { app }: RequestContext) {
    return totalUndeployedCosts(app, period);
  }

  @FieldResolver(() => UnbilledUsageConnection, {
    description: 'Usage on days without a live subscription, by deployment and kind.',
  })
  unbilled(
    @Root() { period }: Reconciled,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    const wanted = { period, tenantId: null };
    return toConnection(listUnbilledUsage(app, wanted, page), info, () => countUnbilledUsage(app, wanted));
  }

  @FieldResolver(() => UndeployedCostConnection, {
    description: 'Resources that cost money and belong to no deployment, the dearest first.',
  })
  undeployed(
    @Root() { period }: Reconciled,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listUndeployedCosts(app, period, page), info, async () => {
      const totals = await totalUndeployedCosts(app, period);
      return totals.reduce((sum, { resourceCount }) => sum + resourceCount, 0);
    });
  }
}

@Resolver(() => CostBucketSumType)
export class CostBucketSumResolver {
  @FieldResolver(() => CostLineConnection, { description: 'In the order of their invoices.' })
  lines(
    @Root() { bucket, period, amount }: BucketOfMonth,
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    const filter = { bucket, period, currency: amount.currency };
    return listConnection(listCostLines(app, filter), page, info);
  }
}

@Resolver(() => CloudInvoiceReconciliationType)
export class CloudInvoiceReconciliationResolver {
  @FieldResolver(() => CloudInvoiceType)
  cloudInvoice(@Root() { cloudInvoiceId }: InvoiceReconciliation, @Ctx() { loaders }: RequestContext) {
    return loaders.cloudInvoiceById.load(cloudInvoiceId);
  }
}

@Resolver(() => UsageFindingType)
export class UsageFindingResolver {
  @FieldResolver(() => DeploymentType)
  deployment(@Root() finding: UsageFinding, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(finding.deploymentId);
  }
}

@Resolver(() => UnbilledUsageType)
export class UnbilledUsageResolver {
  @FieldResolver(() => DeploymentType)
  deployment(@Root() usage: UnbilledUsage, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(usage.deploymentId);
  }
}

@Resolver(() => UndeployedCostType)
export class UndeployedCostResolver {
  @FieldResolver(() => ResourceType)
  resource(@Root() cost: UndeployedCost, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(cost.resourceId);
  }
}
