import { Ctx, Field, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { Money } from '../../core/money/money.js';
import type { DeploymentAccrual } from '../../core/reports/accrual.js';
import { reportAccrual } from '../../services/reports/accrual/accrual.js';
import { Authorized } from '../authorized.js';
import { DeploymentType } from '../deployments/types.js';
import { BasePrice, ListSize, REPORT_PRICE } from '../list-size.js';
import { MoneyType } from '../money.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar, DateTimeScalar } from '../scalars.js';
import { AmountProblemType } from './amount-problem.js';

@ObjectType('DeploymentAccrual', {
  description: 'What one deployment is running up this month, before GST.',
  simpleResolvers: true,
})
export class DeploymentAccrualType {
  @Field(() => MoneyType, { description: 'Base and addons for the days of the whole month.' }) recurring: Money;
  @Field(() => MoneyType, { description: 'Of the usage so far.' }) overage: Money;
  @Field(() => MoneyType, { description: 'So far, late charges of earlier months included.' }) llmUsage: Money;
  @Field(() => MoneyType) total: Money;
}

@ObjectType('AccrualReport', {
  simpleResolvers: true,
  description: 'What tenants are running up this month, before the rollup and before GST.',
})
export class AccrualReportType {
  @Field(() => DateScalar) period: string;
  @Field(() => DateTimeScalar) asOf: Date;
  @Field(() => MoneyType) total: Money;
  @ListSize(200)
  @Field(() => [DeploymentAccrualType], { description: 'Sums to `total`.' })
  byDeployment: DeploymentAccrualType[];
  @ListSize(10)
  @Field(() => [AmountProblemType], { description: 'What is left out, and why.' })
  problems: readonly AmountProblemType[];
}

@Resolver(() => DeploymentAccrualType)
export class AccrualResolver {
  @Authorized(OPERATOR)
  @BasePrice(REPORT_PRICE)
  @Query(() => AccrualReportType, { description: 'BAD_USER_INPUT where a rate that it needs is unknown.' })
  accrual(@Ctx() { app }: RequestContext) {
    return reportAccrual(app);
  }

  @FieldResolver(() => DeploymentType)
  deployment(@Root() accrual: DeploymentAccrual, @Ctx() { loaders }: RequestContext) {
    return loaders.deploymentById.load(accrual.deploymentId);
  }
}
