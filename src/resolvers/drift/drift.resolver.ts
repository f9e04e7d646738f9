import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { DriftStatus } from '../../core/drift/drift.js';
import { acceptDrift } from '../../services/drift/accept-drift.js';
import { detectDrift } from '../../services/drift/detect-drift.js';
import { type DriftRow, listDrifts } from '../../services/drift/list-drifts.js';
import type { ProvisionedRow } from '../../services/drift/provisioned-specs.js';
import { recordProvisioned } from '../../services/drift/record-provisioned.js';
import { revertDrift } from '../../services/drift/revert-drift.js';
import type { ResourceRow } from '../../services/inventory/list-resources.js';
import { Authorized } from '../authorized.js';
import { listConnection } from '../connection.js';
import { ResourceType } from '../inventory/types.js';
import { ListSize } from '../list-size.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { SagaObject } from '../sagas/types.js';
import { JsonObjectScalar } from '../scalars.js';
import {
  DetectDriftPayload,
  DriftConnection,
  DriftPayload,
  DriftStatusEnum,
  DriftType,
  ProvisionedSpecType,
  RecordProvisionedPayload,
} from './types.js';

@Resolver(() => DriftType)
export class DriftResolver {
  @Authorized(OPERATOR)
  @Query(() => DriftConnection, { description: 'Drifts, newest first.' })
  drifts(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => DriftStatusEnum, {
      nullable: true,
      defaultValue: 'open',
      description: 'Null: drifts of any status.',
    })
    status: DriftStatus | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listDrifts(app, status), page, info);
  }

  @Authorized(OPERATOR)
  @Mutation(() => DetectDriftPayload, {
    description: 'Compares every resource under drift control with its spec. The schedule does the same every hour.',
  })
  detectDrift(@Ctx() { app, viewer }: RequestContext): Promise<DetectDriftPayload> {
    return detectDrift(app, viewer.subject);
  }

  @Authorized(OPERATOR)
  @Mutation(() => DriftPayload, {
    description:
      'Takes the live value into the spec. CONFLICT if the drift is not OPEN or a saga changes the resource.',
  })
  async acceptDrift(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return { drift: await acceptDrift(app, viewer, id) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => DriftPayload, {
    description:
      'Starts a saga that changes the resource back to its spec; the drift is REVERTED once the saga completes. CONFLICT if the field cannot be reverted: only `size_slug`, `name` and `tags` of a droplet can.',
  })
  revertDrift(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return revertDrift(app, viewer, id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => RecordProvisionedPayload, {
    description:
      'Takes a resource under drift control, or replaces its spec. CONFLICT if the resource is gone or a saga changes it.',
  })
  async recordProvisioned(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID, { description: 'The resource to put under drift control.' }) resourceId: string,
    @Arg('spec', () => JsonObjectScalar, {
      nullable: true,
      description:
        "Expected values by the name of the resource's field or attribute, at most 50. Null: the present state.",
    })
    spec: Record<string, unknown> | null | undefined,
  ) {
    return { provisioned: await recordProvisioned(app, viewer, resourceId, spec ?? null) };
  }

  @FieldResolver(() => ResourceType)
  resource(@Root() { resourceId }: DriftRow, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(resourceId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The value in the spec, as JSON text. Null: the spec has no value.',
  })
  expected(@Root() { expected }: DriftRow) {
    return asJsonText(expected);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The value at the provider, as JSON text. Null: the resource has no such value.',
  })
  actual(@Root() { actual }: DriftRow) {
    return asJsonText(actual);
  }
}

function asJsonText(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

@Resolver(() => ResourceType)
export class ResourceDriftResolver {
  @ListSize(10)
  @FieldResolver(() => [DriftType], { description: 'Newest first, at most 100.' })
  async drifts(
    @Root() { id }: ResourceRow,
    @Ctx() { loaders }: RequestContext,
    @Arg('status', () => DriftStatusEnum, { nullable: true, description: 'Null: drifts of any status.' })
    status: DriftStatus | null | undefined,
  ) {
    return (await loaders.driftListByResourceId(status ?? null).load(id))?.drifts ?? [];
  }

  @Authorized(OPERATOR)
  @FieldResolver(() => ProvisionedSpecType, {
    nullable: true,
    description: 'The spec that the resource is compared with. Null if the resource is not under drift control.',
  })
  provisioned(@Root() { id }: ResourceRow, @Ctx() { loaders }: RequestContext) {
    return loaders.provisionedByResourceId.load(id);
  }
}

@Resolver(() => ProvisionedSpecType)
export class ProvisionedSpecResolver {
  @FieldResolver(() => ResourceType)
  resource(@Root() { resourceId }: ProvisionedRow, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(resourceId);
  }

  @FieldResolver(() => SagaObject, {
    nullable: true,
    description: 'The saga that provisioned the resource. Null: an operator recorded the spec.',
  })
  saga(@Root() { sagaId }: ProvisionedRow, @Ctx() { loaders }: RequestContext) {
    return sagaId === null ? null : loaders.sagaById.load(sagaId);
  }
}
