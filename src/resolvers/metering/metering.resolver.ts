import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { LLM_GATEWAY, OPERATOR } from '../../core/access/roles.js';
import type { Deployment } from '../../entities/deployment.js';
import { listUsageRecords, type UsageRecordRow } from '../../services/metering/list-usage.js';
import { meterUsage } from '../../services/metering/meter-usage.js';
import { listMeteringConfig, setMeteringConfig } from '../../services/metering/metering-config.js';
import { recordLlmUsage } from '../../services/metering/record-llm-usage.js';
import { Authorized } from '../authorized.js';
import { listConnection } from '../connection.js';
import { DeploymentType } from '../deployments/types.js';
import { ResourceType } from '../inventory/types.js';
import { ListSize } from '../list-size.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { DateScalar } from '../scalars.js';
import {
  LlmUsageInput,
  MeteringConfigInput,
  MeteringConfigPayload,
  MeteringConfigType,
  MeterUsagePayload,
  RecordLlmUsagePayload,
  UsageRecordConnection,
  UsageRecordType,
  UsageTotalType,
} from './types.js';

@Resolver(() => UsageRecordType)
export class MeteringResolver {
  @Query(() => UsageRecordConnection, { description: 'Oldest first; both days included.' })
  async usageRecords(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('deploymentId', () => ID, { description: 'The deployment whose records to list.' }) deploymentId: string,
    @Arg('from', () => DateScalar, { description: 'The first day, included.' }) from: string,
    @Arg('to', () => DateScalar, { description: 'The last day, included.' }) to: string,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(await listUsageRecords(app, viewer, deploymentId, { from, to }), page, info);
  }

  @Authorized(OPERATOR)
  @ListSize(8)
  @Query(() => [MeteringConfigType])
  meteringConfig(@Ctx() { app }: RequestContext) {
    return listMeteringConfig(app.reads);
  }

  @Authorized(OPERATOR)
  @Mutation(() => MeteringConfigPayload, { description: 'From the next metering on.' })
  async setMeteringConfig(
    @Ctx() { app }: RequestContext,
    @Arg('input', () => MeteringConfigInput) input: MeteringConfigInput,
  ): Promise<MeteringConfigPayload> {
    return { config: await setMeteringConfig(app, input) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => MeterUsagePayload, {
    description:
      'Meters one complete UTC day from the state that each resource had on it; idempotent. BAD_USER_INPUT before 2014 or if the day is not over, CONFLICT if an invoice of its month is issued.',
  })
  async meterUsage(
    @Ctx() { app }: RequestContext,
    @Arg('day', () => DateScalar, { description: 'The UTC day to meter. It must be over.' }) day: string,
  ): Promise<MeterUsagePayload> {
    return { recordCount: await meterUsage(app, day) };
  }

  @Authorized(LLM_GATEWAY, OPERATOR)
  @Mutation(() => RecordLlmUsagePayload, {
    description: 'The LLM gateway (role `llm-gateway`) or an operator; at most 1,000 events a call.',
  })
  async recordLlmUsage(
    @Ctx() { app }: RequestContext,
    @Arg('events', () => [LlmUsageInput], { description: 'At most 1,000. Each is recorded or rejected by itself.' })
    events: LlmUsageInput[],
  ): Promise<RecordLlmUsagePayload> {
    return { results: await recordLlmUsage(app, events) };
  }

  @FieldResolver(() => ResourceType, { nullable: true })
  resource(@Root() record: UsageRecordRow, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(record.resourceId);
  }
}

@Resolver(() => DeploymentType)
export class DeploymentUsageResolver {
  @ListSize(8)
  @FieldResolver(() => [UsageTotalType], {
    description: 'Metered totals per billing kind over whole days; both ends included.',
  })
  async usage(
    @Root() deployment: Deployment,
    @Ctx() { loaders }: RequestContext,
    @Arg('from', () => DateScalar, { description: 'The first day, included.' }) from: string,
    @Arg('to', () => DateScalar, { description: 'The last day, included.' }) to: string,
  ) {
    return (await loaders.usageTotalsByDeploymentId(from, to).load(deployment.id))?.totals ?? [];
  }
}
