import 'reflect-metadata';
import { createPubSub } from '@graphql-yoga/subscription';
import { type GraphQLSchema, specifiedDirectives } from 'graphql';
import { type AuthChecker, buildSchema } from 'type-graphql';
import { ForbiddenError } from '../errors.js';
import { resolvers } from './all.js';
import { describeOperatorFields, operatorDirective } from './authorized.js';
import { describeTypes } from './describe-types.js';
import { withErrorCodes } from './error-codes.js';
import { stateInputLengths } from './input-lengths.js';
import { resolveNodeTypes } from './nodes/node-type.js';
import type { RequestContext } from './request-context.js';

/** A field with `@Authorized` roles is for viewers who have one of them; everybody else gets FORBIDDEN. */
const checkRoles: AuthChecker<RequestContext> = ({ context: { viewer }, info }, roles) => {
  if (roles.some((role) => viewer.roles.includes(role))) return true;
  throw new ForbiddenError(`${info.parentType.name}.${info.fieldName} is for ${roles.join(' or ')}`);
};

export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: resolvers as unknown as [(typeof resolvers)[number]],
    authChecker: checkRoles,
    directives: [...specifiedDirectives, operatorDirective],
    validate: false,
    // The library requires one. Nothing uses it: every stream here is an iterator over rows.
    pubSub: createPubSub(),
  });
  return withErrorCodes(describeOperatorFields(stateInputLengths(describeTypes(resolveNodeTypes(schema)))));
}
