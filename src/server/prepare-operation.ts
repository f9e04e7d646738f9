import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  parse,
  specifiedRules,
  validate,
} from 'graphql';
import type { App, Viewer } from '../context.js';
import { createContext } from '../resolvers/request-context.js';
import { toGraphQLError } from './errors.js';
import { type CheckCost, limitRules } from './limits.js';
import type { RateLimit } from './rate-limit.js';

const MAX_DOCUMENTS = 500;

export interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** An operation from a socket, checked as Apollo checks those over HTTP: ready to execute, or what is wrong with it. */
export type PrepareOperation = (viewer: Viewer, payload: Payload) => Promise<ExecutionArgs | readonly GraphQLError[]>;

export function createPreparation(
  app: App,
  schema: GraphQLSchema,
  rateLimit: RateLimit,
  checkCost: CheckCost,
): PrepareOperation {
  /** The same text is the same document, so that its subscribers can share executions. Oldest first. */
  const documents = new Map<string, { document: DocumentNode; errors: readonly GraphQLError[] }>();

  function documentOf(query: string) {
    const known = documents.get(query);
    if (known) return known;
    const document = parse(query);
    const checked = { document, errors: validate(schema, document, [...specifiedRules, ...limitRules()]) };
    documents.set(query, checked);
    const [oldest] = documents.keys();
    if (documents.size > MAX_DOCUMENTS && oldest !== undefined) documents.delete(oldest);
    return checked;
  }

  return async (viewer, { query, operationName, variables }) => {
    try {
      await rateLimit(viewer.subject, 1);
      const { document, errors } = documentOf(query);
      if (errors.length > 0) return errors;
      checkCost(document, operationName ?? null, variables ?? {});
      const contextValue = createContext(app, viewer);
      return { schema, document, operationName, variableValues: variables, contextValue };
    } catch (error) {
      const told = toGraphQLError(error);
      if (told instanceof GraphQLError) return [told];
      throw error;
    }
  };
}
