import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import type { SyncScope } from '../../core/inventory/sync-scope.js';
import { followSync } from '../../services/inventory/follow-sync.js';
import { listSyncRuns } from '../../services/inventory/list-sync-runs.js';
import { requestSync } from '../../services/inventory/request-sync.js';
import { Authorized } from '../authorized.js';
import { listConnection } from '../connection.js';
import { SyncScopeEnum } from '../enums.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { CursorScalar } from '../scalars.js';
import { ResourceType, StartSyncPayload, SyncEventType, SyncRunConnection, SyncRunType } from './types.js';

@Resolver(() => SyncEventType)
export class SyncResolver {
  @Authorized(OPERATOR)
  @Query(() => SyncRunConnection, { description: 'Newest first.' })
  syncRuns(
    @Ctx() { app }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('scope', () => SyncScopeEnum, { description: 'Only runs of this scope; null: all.', nullable: true })
    scope: SyncScope | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listSyncRuns(app, scope ?? null), page, info);
  }

  @Authorized(OPERATOR)
  @Mutation(() => StartSyncPayload, {
    description: 'Left out: every scope. A scope already queued or running is not queued twice.',
  })
  async startSync(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('scopes', () => [SyncScopeEnum], { description: 'What to sync; null: every scope.', nullable: true }) scopes:
      | SyncScope[]
      | null,
  ): Promise<StartSyncPayload> {
    return { runs: await requestSync(app, { trigger: 'operator', requestedBy: viewer.subject }, scopes ?? undefined) };
  }

  @Authorized(OPERATOR)
  @Subscription(() => SyncEventType, {
    description: 'Without `after`: live only. With it: everything since that cursor, once each, in order.',
    subscribe: ({ args, context }) => followSync((context as RequestContext).app, args['after'], args['scopes']),
  })
  syncEvents(
    @Root() event: SyncEventType,
    @Arg('after', () => CursorScalar, { description: 'Resumes after this cursor; null: live only.', nullable: true })
    _after?: string,
    @Arg('scopes', () => [SyncScopeEnum], { description: 'Only events of these scopes; null: all.', nullable: true })
    _scopes?: SyncScope[],
  ): SyncEventType {
    return event;
  }

  @FieldResolver(() => SyncRunType)
  run(@Root() event: SyncEventType, @Ctx() { loaders }: RequestContext) {
    return loaders.syncRunById.load(event.runId);
  }

  @FieldResolver(() => ResourceType, { nullable: true })
  resource(@Root() event: SyncEventType, @Ctx() { loaders }: RequestContext) {
    return event.resourceId === null ? null : loaders.resourceById.load(event.resourceId);
  }
}
