import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { Currency } from '../../core/money/money.js';
import type { CostAnomaly } from '../../core/reports/cost-anomaly.js';
import {
  type CostAnomalies,
  findCostAnomalies,
  type ResourceAnomaly,
} from '../../services/reports/anomalies/cost-anomalies.js';
import { pageAnomalies } from '../../services/reports/anomalies/page-anomalies.js';
import { Authorized } from '../authorized.js';
import { toConnection } from '../connection.js';
import { ResourceEventObject, ResourceType } from '../inventory/types.js';
import { BasePrice, ListSize, REPORT_PRICE } from '../list-size.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import {
  CostAnomalyReportType,
  KindCostAnomalyType,
  ResourceCostAnomalyConnection,
  ResourceCostAnomalyType,
} from './anomaly-types.js';

@Resolver(() => CostAnomalyReportType)
export class AnomalyResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => CostAnomalyReportType, {
    description: "Costs out of line with their own history. BAD_USER_INPUT where the month's rate is unknown.",
  })
  costAnomalies(
    @Ctx() { app }: RequestContext,
    @Arg('period', () => DateScalar, { description: 'Any day of the month.' }) period: string,
  ) {
    return findCostAnomalies(app, period);
  }

  @FieldResolver(() => ResourceCostAnomalyConnection, { description: 'By size of the change, descending.' })
  async byResource(
    @Root() { byResource, currency }: CostAnomalies,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    const shown = byResource.map((row) => ({
      ...row,
      ...amountsOf(row, currency),
      impact: { tenantId: row.tenantId, margin: { cents: -row.changeCents, currency } },
    }));
    return toConnection(Promise.resolve(pageAnomalies(shown, page)), info);
  }

  @ListSize(14)
  @FieldResolver(() => [KindCostAnomalyType], { description: 'By size of the change, descending.' })
  byKind(@Root() { byKind, currency }: CostAnomalies) {
    return byKind.map((row) => ({
      ...row,
      ...amountsOf(row, currency),
      impacts: row.impacts.map(({ tenantId, marginCents }) => ({ tenantId, margin: { cents: marginCents, currency } })),
    }));
  }
}

@Resolver(() => ResourceCostAnomalyType)
export class ResourceAnomalyResolver {
  @FieldResolver(() => ResourceType)
  resource(@Root() anomaly: ResourceAnomaly, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(anomaly.resourceId);
  }

  @FieldResolver(() => ResourceEventObject, {
    nullable: true,
    description: 'What the event log says of the cause; null where it says nothing.',
  })
  event(@Root() anomaly: ResourceAnomaly) {
    return anomaly.event;
  }
}

function amountsOf({ currentCents, usualCents, changeCents, score }: CostAnomaly, currency: Currency) {
  return {
    current: { cents: currentCents, currency },
    usual: { cents: usualCents, currency },
    change: { cents: changeCents, currency },
    score: String(score),
  };
}
