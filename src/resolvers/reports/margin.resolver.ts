import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { CogsTax } from '../../core/reports/margin.js';
import { type PeriodMargin, reportFxEffects, reportMargin } from '../../services/reports/margin/margin-report.js';
import { Authorized } from '../authorized.js';
import { DeploymentType } from '../deployments/types.js';
import { BasePrice, REPORT_PRICE } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import { CogsTaxEnum, DeploymentMarginType, FxEffectReportType, MarginReportType } from './margin-types.js';

@Resolver(() => MarginReportType)
export class MarginResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => MarginReportType, { description: 'BAD_USER_INPUT where a rate that it needs is unknown.' })
  margin(
    @Ctx() { app }: RequestContext,
    @Arg('period', () => DateScalar, { description: 'Any day of the month.' }) period: string,
    @Arg('cogsTax', () => CogsTaxEnum, {
      description: "Whether the tax within the provider's bill counts as cost.",
      nullable: true,
      defaultValue: 'included',
    })
    cogsTax: CogsTax | null,
  ) {
    return reportMargin(app, period, cogsTax ?? 'included');
  }

  @FieldResolver(() => FxEffectReportType, {
    nullable: true,
    description:
      "The margin at the month's rate beside that at the rate of the month before; an error where that is unknown.",
  })
  fxEffect(@Root() report: PeriodMargin, @Ctx() { app }: RequestContext) {
    return reportFxEffects(app, report);
  }
}

@Resolver(() => DeploymentMarginType)
export class DeploymentMarginResolver {
  @FieldResolver(() => DeploymentType)
  deployment(@Root() row: PeriodMargin['byDeployment'][number], @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(row.deploymentId);
  }
}
