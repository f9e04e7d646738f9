import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Query, Resolver, Root } from 'type-graphql';
import type { ResourceEventRow } from '../../services/inventory/list-resource-events.js';
import { findResource, listResources, type ResourceRow } from '../../services/inventory/list-resources.js';
import { listConnection, toConnection } from '../connection.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { resourceSelection } from './resource-selection.js';
import {
  ProjectType,
  ResourceConnection,
  ResourceEventConnection,
  ResourceEventObject,
  ResourceFilterInput,
  ResourceType,
} from './types.js';

@Resolver(() => ResourceType)
export class ResourceResolver {
  @Query(() => ResourceConnection, { description: 'Oldest first.' })
  resources(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ResourceFilterInput, { nullable: true }) filter: ResourceFilterInput | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(listResources(app, viewer, filter ?? {}, page, resourceSelection(info)), info);
  }

  @Query(() => ResourceType, { nullable: true })
  resource(@Ctx() { app, viewer }: RequestContext, @Arg('id', () => ID) id: string) {
    return findResource(app, viewer, id);
  }

  @FieldResolver(() => ProjectType, { nullable: true })
  project(@Root() resource: ResourceRow, @Ctx() { loaders }: RequestContext) {
    if (resource.project !== undefined) return resource.project;
    return resource.cloudProjectId === null ? null : loaders.projectById.load(resource.cloudProjectId);
  }

  @FieldResolver(() => ResourceEventConnection, {
    description:
      'What happened to the resource, newest first. A tenant sees the history since the resource last left a deployment of another tenant.',
  })
  events(
    @Root() { id }: ResourceRow,
    @Ctx() { loaders }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(loaders.resourceEvents.listOf(id), page, info);
  }
}

@Resolver(() => ResourceEventObject)
export class ResourceEventResolver {
  @FieldResolver(() => ResourceType)
  resource(@Root() event: ResourceEventRow, @Ctx() { loaders }: RequestContext) {
    return loaders.resourceById.load(event.resourceId);
  }
}
