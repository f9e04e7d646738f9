import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { CogsTax } from '../../core/reports/margin.js';
import { forecastMargin, type MarginForecast, measureForecast } from '../../services/reports/forecast/forecast.js';
import { Authorized } from '../authorized.js';
import { DeploymentType } from '../deployments/types.js';
import { BasePrice, ListSize, REPORT_PRICE } from '../list-size.js';
import type { RequestContext } from '../request-context.js';
import { type AccuracyOf, toAccuracy, toAmount } from './forecast-amounts.js';
import {
  AmountForecastType,
  DeploymentForecastType,
  ForecastAccuracyReportType,
  MarginForecastType,
} from './forecast-types.js';
import { CogsTaxEnum } from './margin-types.js';

@Resolver(() => MarginForecastType)
export class ForecastResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => MarginForecastType, {
    description:
      'The present month at its end, from what its complete days have come to. BAD_USER_INPUT where a rate that it needs is unknown.',
  })
  marginForecast(
    @Ctx() { app }: RequestContext,
    @Arg('cogsTax', () => CogsTaxEnum, {
      description: "Whether the tax within the provider's bill counts as cost.",
      nullable: true,
      defaultValue: 'included',
    })
    cogsTax: CogsTax | null,
  ) {
    return forecastMargin(app, cogsTax ?? 'included');
  }

  @FieldResolver(() => AmountForecastType, { description: 'Before GST.' })
  revenue(@Root() { revenue, currency }: MarginForecast) {
    return toAmount(revenue, currency);
  }

  @FieldResolver(() => AmountForecastType)
  cogs(@Root() { cogs, currency }: MarginForecast) {
    return toAmount(cogs, currency);
  }

  @FieldResolver(() => AmountForecastType, { description: '`revenue` less `cogs`, part by part.' })
  margin(@Root() { margin, currency }: MarginForecast) {
    return toAmount(margin, currency);
  }

  @ListSize(200)
  @FieldResolver(() => [DeploymentForecastType], { description: 'Sums to `revenue`.' })
  byDeployment(@Root() { byDeployment, currency }: MarginForecast): DeploymentForecastRow[] {
    return byDeployment.map(({ deploymentId, revenue }) => ({ deploymentId, revenue: toAmount(revenue, currency) }));
  }

  @FieldResolver(() => ForecastAccuracyReportType, {
    description:
      'What the same method would have said on the same day of the last six months, beside what they came to.',
  })
  async accuracy(@Root() forecast: MarginForecast, @Ctx() { app }: RequestContext) {
    const accuracy = await measureForecast(app, forecast);
    const of = (side: keyof typeof accuracy): AccuracyOf => toAccuracy(accuracy[side], forecast.currency);
    return { revenue: of('revenue'), cogs: of('cogs'), margin: of('margin') };
  }
}

interface DeploymentForecastRow {
  readonly deploymentId: string;
  readonly revenue: ReturnType<typeof toAmount>;
}

@Resolver(() => DeploymentForecastType)
export class DeploymentForecastResolver {
  @FieldResolver(() => DeploymentType)
  deployment(@Root() row: DeploymentForecastRow, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(row.deploymentId);
  }
}
