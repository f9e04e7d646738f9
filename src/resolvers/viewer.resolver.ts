import { Ctx, Field, ObjectType, Query, Resolver } from 'type-graphql';
import type { Viewer } from '../context.js';
import { ListSize } from './list-size.js';
import type { RequestContext } from './request-context.js';

@ObjectType('Viewer', { simpleResolvers: true, description: 'Who asks, as the token says.' })
export class ViewerType {
  @Field(() => String) subject: string;
  @Field(() => String) tenantId: string;
  @ListSize(5)
  @Field(() => [String])
  roles: string[];
  @Field(() => Boolean) isOperator: boolean;
}

@Resolver()
export class ViewerResolver {
  @Query(() => ViewerType)
  viewer(@Ctx() { viewer }: RequestContext): Viewer {
    return viewer;
  }
}
