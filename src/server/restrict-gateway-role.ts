import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { LLM_GATEWAY } from '../core/access/roles.js';
import { ForbiddenError } from '../errors.js';
import type { RequestContext } from '../resolvers/request-context.js';

const GATEWAY_FIELDS = 'recordLlmUsage';

/** A token of the LLM gateway may do one mutation: to record usage. Whoever holds it can change nothing else. */
export function restrictGatewayRole(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    if (field.name === GATEWAY_FIELDS) continue;
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = (source, args, context: RequestContext, info) => {
      const { viewer } = context;
      if (viewer.roles.includes(LLM_GATEWAY) && !viewer.isOperator) {
        throw new ForbiddenError(`The LLM gateway may do ${GATEWAY_FIELDS} alone.`);
      }
      return resolve(source, args, context, info);
    };
  }
  return schema;
}
