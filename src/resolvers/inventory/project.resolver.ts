import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, ID, Info, Mutation, Query, Resolver, Root } from 'type-graphql';
import { OPERATOR } from '../../core/access/roles.js';
import { classifyProject } from '../../services/inventory/classify-project.js';
import { listProjects, type ProjectRow } from '../../services/inventory/list-projects.js';
import { listResources } from '../../services/inventory/list-resources.js';
import { Authorized } from '../authorized.js';
import { listConnection, toConnection } from '../connection.js';
import { PageArgs } from '../page-args.js';
import type { RequestContext } from '../request-context.js';
import { resourceSelection } from './resource-selection.js';
import { ProjectConnection, ProjectPayload, ProjectType, ResourceConnection, ResourceFilterInput } from './types.js';

@Resolver(() => ProjectType)
export class ProjectResolver {
  @Query(() => ProjectConnection, { description: 'Oldest first.' })
  projects(
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Info() info: GraphQLResolveInfo,
  ) {
    return listConnection(listProjects(app, viewer), page, info);
  }

  @Query(() => ProjectType, { nullable: true })
  project(@Ctx() { loaders }: RequestContext, @Arg('id', () => ID) id: string) {
    return loaders.projectById.load(id);
  }

  @Authorized(OPERATOR)
  @Mutation(() => ProjectPayload, {
    description: 'Says whose a project is; its resources follow. What is left out stays, null clears.',
  })
  async classifyProject(
    @Ctx() { app, viewer }: RequestContext,
    @Arg('id', () => ID) id: string,
    @Arg('tenantId', () => String, {
      description: 'The tenant that owns the project; null clears it, left out it stays.',
      nullable: true,
    })
    tenantId: string | null | undefined,
    @Arg('purpose', () => String, {
      description: 'What the project is for; null clears it, left out it stays.',
      nullable: true,
    })
    purpose: string | null | undefined,
  ): Promise<ProjectPayload> {
    return { project: await classifyProject(app, viewer, id, { tenantId, purpose }) };
  }

  @FieldResolver(() => String, { nullable: true, description: "An operator's word, else the provider's." })
  purpose(@Root() project: ProjectRow) {
    return project.classifiedPurpose ?? project.providerPurpose;
  }

  @FieldResolver(() => ResourceConnection, { description: 'Oldest first.' })
  resources(
    @Root() project: ProjectRow,
    @Ctx() { app, viewer }: RequestContext,
    @Args(() => PageArgs) page: PageArgs,
    @Arg('filter', () => ResourceFilterInput, { nullable: true }) filter: ResourceFilterInput | null,
    @Info() info: GraphQLResolveInfo,
  ) {
    return toConnection(
      listResources(app, viewer, { ...filter, projectId: project.id }, page, resourceSelection(info)),
      info,
    );
  }
}
