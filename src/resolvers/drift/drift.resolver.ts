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
  @Query(() => DriftConnection, { description: 'Newest first; a status of null: all of them.' })
  drifts(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('status', () => DriftStatusEnum, { nullable: true, defaultValue: 'open' }) status: DriftStatus | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listDrifts(app, status), page, info);
  }

  @Authorized(OPERATOR)
  @Mutation(() => DetectDriftPayload, {
    description: 'Compares everything under drift control with the inventory; this also happens hourly.',
  })
  detectDrift(@Ctx() { app, viewer }: RequestContext): Promise<DetectDriftPayload> {
    return detectDrift(app, viewer.subject);
  }

  @Authorized(OPERATOR)
  @Mutation(() => DriftPayload, { description: 'The live value becomes the one we want.' })
  async acceptDrift(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return { drift: await acceptDrift(app, viewer, id) };
  }

  @Authorized(OPERATOR)
  @Mutation(() => DriftPayload, {
    description:
      'A saga changes the provider back; REVERTED once it completes. CONFLICT for a field that cannot be put back: only `size_slug`, `name` and `tags` of a droplet can.',
  })
  revertDrift(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return revertDrift(app, viewer, id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => RecordProvisionedPayload, {
    description:
      'Takes a resource under drift control, or changes what is wanted of it. `spec` is by the name of its fields and attributes; left out: as it is now. CONFLICT while a saga changes it.',
  })
  async recordProvisioned(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('resourceId', () => ID) resourceId: string,
    @Arg('spec', () => JsonObjectScalar, { nullable: true }) spec: Record<string, unknown> | null | undefined,
  ) {
    return { provisioned: await recordProvisioned(app, viewer, resourceId, spec ?? null) };
  }

  @FieldResolver(() => ResourceType)
  resource(@Root() { resourceId }: DriftRow, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(resourceId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What we asked for, as JSON text.' })
  expected(@Root() { expected }: DriftRow) {
    return asJsonText(expected);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What the provider has, as JSON text.' })
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
  @FieldResolver(() => [DriftType], { description: 'Newest first, at most 100; without a status: of any.' })
  async drifts(
    @Root() { id }: ResourceRow,
    @Ctx() { loaders }: RequestContext,
    @Arg('status', () => DriftStatusEnum, { nullable: true }) status: DriftStatus | null | undefined,
  ) {
    return (await loaders.driftListByResourceId(status ?? null).load(id))?.drifts ?? [];
  }

  @Authorized(OPERATOR)
  @FieldResolver(() => ProvisionedSpecType, {
    nullable: true,
    description: 'The state that it is compared with; null if it is not under drift control.',
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

  @FieldResolver(() => SagaObject, { nullable: true, description: 'The one that provisioned it.' })
  saga(@Root() { sagaId }: ProvisionedRow, @Ctx() { loaders }: RequestContext) {
    return sagaId === null ? null : loaders.sagaById.load(sagaId);
  }
}
