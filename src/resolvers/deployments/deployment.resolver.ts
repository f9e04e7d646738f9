import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { allowedTransitions, type DeploymentState } from '../../core/deployments/deployment-state.js';
import type { Deployment } from '../../entities/deployment.js';
import { assignResource } from '../../services/deployments/assign-resource.js';
import { listDeployments } from '../../services/deployments/list-deployments.js';
import type { ResourceRow } from '../../services/inventory/list-resources.js';
import { setBillingActionSuspended, transitionDeployment } from '../../services/lifecycle/move-deployment.js';
import { createAndProvisionDeployment } from '../../services/provisioning/provision-deployment.js';
import type { SagaRow } from '../../services/sagas/list-sagas.js';
import { Authorized } from '../authorized.js';
import { DeploymentStateEnum } from '../billing-enums.js';
import { listConnection } from '../connection.js';
import { resourceSelection } from '../inventory/resource-selection.js';
import { ResourceConnection, ResourceFilterInput, ResourcePayload, ResourceType } from '../inventory/types.js';
import { ListSize } from '../list-size.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { SagaObject } from '../sagas/types.js';
import {
  CreateDeploymentInput,
  DeploymentConnection,
  DeploymentEventConnection,
  DeploymentFilterInput,
  DeploymentPayload,
  DeploymentType,
  PlanSubscriptionType,
} from './types.js';

@Resolver(() => DeploymentType)
export class DeploymentResolver {
  @Query(() => DeploymentConnection, { description: 'Oldest first.' })
  deployments(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => DeploymentFilterInput, { nullable: true }) filter: DeploymentFilterInput | null | undefined,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listDeployments(app, viewer, filter ?? {}), page, info);
  }

  @Query(() => DeploymentType, { nullable: true })
  deployment(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    return loaders.deploymentById.load(id);
  }

  @Mutation(() => DeploymentPayload)
  async createDeployment(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('input', () => CreateDeploymentInput) input: CreateDeploymentInput,
  ): Promise<DeploymentPayload> {
    return createAndProvisionDeployment(app, viewer, input);
  }

  @Mutation(() => DeploymentPayload, { description: 'INVALID_TRANSITION where the state machine has no such edge.' })
  async transitionDeployment(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('to', () => DeploymentStateEnum, {
      description: 'The state to enter. `Deployment.allowedTransitions` lists those that are possible.',
    })
    to: DeploymentState,
    @Arg('reason', () => String, { description: 'Why, for the history of the deployment.', nullable: true }) reason:
      | string
      | null
      | undefined,
  ): Promise<DeploymentPayload> {
    return { deployment: await transitionDeployment(app, viewer, id, to, reason) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => DeploymentPayload)
  async setBillingActionSuspended(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('suspended', () => Boolean, { description: 'Whether to take no automatic billing action on the deployment.' })
    suspended: boolean,
  ): Promise<DeploymentPayload> {
    return { deployment: await setBillingActionSuspended(app, viewer, id, suspended) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => ResourcePayload, { description: 'Null takes the resource out of its deployment.' })
  async assignResource(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('deploymentId', () => ID, {
      description: 'The deployment that gets the resource; null: none.',
      nullable: true,
    })
    deploymentId: string | null | undefined,
  ) {
    return { resource: await assignResource(app, viewer, id, deploymentId ?? null) };
  }

  @ListSize(4)
  @FieldResolver(() => [DeploymentStateEnum], { description: 'States that `transitionDeployment` accepts now.' })
  allowedTransitions(@Root() deployment: Deployment, @Ctx() { viewer }: RequestContext) {
    return allowedTransitions(deployment.state, viewer.isOperator ? 'operator' : 'tenant');
  }

  @FieldResolver(() => PlanSubscriptionType, {
    nullable: true,
    description: 'The live subscription (active or paused), if any.',
  })
  subscription(@Root() deployment: Deployment, @Ctx() { loaders }: RequestContext) {
    return loaders.liveSubscriptionByDeploymentId.load(deployment.id);
  }

  @FieldResolver(() => SagaObject, { nullable: true, description: 'The saga that provisions it, where one does.' })
  provisioningSaga(@Root() { id }: Deployment, @Ctx() { loaders }: RequestContext) {
    return loaders.provisioningSagaByDeploymentId.load(id);
  }

  @FieldResolver(() => DeploymentEventConnection, { description: 'Newest first.' })
  events(
    @Root() { id }: Deployment,
    @Ctx() { loaders }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(loaders.deploymentEvents.listOf(id), page, info);
  }

  @FieldResolver(() => ResourceConnection, { description: 'Oldest first.' })
  resources(
    @Root() { id }: Deployment,
    @Ctx() { loaders }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ResourceFilterInput, { nullable: true }) filter: ResourceFilterInput | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    const { resourcesOfDeployments } = loaders;
    return listConnection(resourcesOfDeployments(filter ?? {}, resourceSelection(info)).listOf(id), page, info);
  }
}

@Resolver(() => ResourceType)
export class ResourceDeploymentResolver {
  @FieldResolver(() => DeploymentType, { nullable: true })
  deployment(@Root() resource: ResourceRow, @Ctx() { loaders }: RequestContext) {
    return resource.deploymentId === null ? null : loaders.deploymentById.load(resource.deploymentId);
  }
}

@Resolver(() => SagaObject)
export class SagaDeploymentResolver {
  @FieldResolver(() => DeploymentType, { nullable: true })
  deployment(@Root() { deploymentId }: SagaRow, @Ctx() { loaders }: RequestContext) {
    return deploymentId === null ? null : loaders.deploymentById.load(deploymentId);
  }
}
