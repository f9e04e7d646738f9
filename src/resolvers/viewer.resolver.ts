import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Viewer } from '../context.js';
import { ListSize } from './list-size.js';
import type { RequestContext } from './request-context.js';

@ObjectType('Viewer', { simpleResolvers: true, description: 'Who sent the request, from the token.' })
export class ViewerType {
  @Field(() => String, { description: "The token's subject, which the audit log records." }) subject: string;
  @Field(() => String, { description: 'The tenant that the viewer acts for.' }) tenantId: string;
  @ListSize(5)
  @Field(() => [String], { description: 'The roles in the token.' })
  roles: string[];
  @Field(() => Boolean, { description: 'Whether the viewer may select fields marked `@operator`.' })
  isOperator: boolean;
}

@Resolver()
export class ViewerResolver {
  @Query(() => ViewerType, { description: 'Who sent this request, and what the token allows.' })
  viewer(@Ctx() { viewer }: RequestContext): Viewer {
    return viewer;
  }
}
