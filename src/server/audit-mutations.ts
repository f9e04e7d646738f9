import { defaultFieldResolver, type GraphQLSchema } from 'graphql';
import { DomainError } from '../errors.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { closeAuditEntry, finishRejected, openAuditEntry } from '../services/audit/audit.js';

/** Wraps every mutation of the schema: its row stands before it runs, its outcome after. */
export function auditMutations(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const resolve = field.resolve ?? defaultFieldResolver;
    field.resolve = async (source, args, context: RequestContext, info) => {
      const entry = await openAuditEntry(context.app, context.viewer, context.requestId, field.name, args);
      try {
        const result = await resolve(source, args, context, info);
        await closeAuditEntry(context.app, entry);
        return result;
      } catch (error) {
        await finishRejected(context.app, entry, error instanceof DomainError ? error.code : 'INTERNAL_SERVER_ERROR');
        throw error;
      }
    };
  }
  return schema;
}
