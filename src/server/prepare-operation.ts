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
import { checkDocumentText, VALIDATION_OPTIONS } from './document-limits.js';
import type { DocumentStore } from './document-store.js';
import { toGraphQLError } from './errors.js';
import type { FairTurns } from './fair-turns.js';
import { type CheckOperation, withCode } from './limits.js';
import type { RateLimit } from './rate-limit.js';
import type { OperationRequest } from './run-operation.js';

export interface Payload {
  readonly query: string;
  readonly operationName?: string | null | undefined;
  readonly variables?: Record<string, unknown> | null | undefined;
}

/** An operation that passed its check, as graphql-ws hands it on. */
export interface PreparedOperation extends ExecutionArgs {
  readonly request: OperationRequest;
}

/** An operation from a socket, checked as Apollo checks those over HTTP: ready to execute, or what is wrong with it. */
export type PrepareOperation = (viewer: Viewer, payload: Payload) => Promise<PreparedOperation | GraphQLError[]>;

export function createPreparation(
  app: App,
  schema: GraphQLSchema,
  documents: DocumentStore,
  turns: FairTurns,
  rateLimit: RateLimit,
  check: CheckOperation,
): PrepareOperation {
  return async (viewer, { query, operationName, variables }) => {
    try {
      await rateLimit(viewer, 1);
      const document = documents.find(query) ?? (await readDocument(viewer, query));
      if (!('kind' in document)) return document;
      documents.add(query, document);
      const checked = check(document, operationName, variables ?? {});
      if (!('operation' in checked)) return [...checked];
      const request = { ...checked, document, variables: variables ?? {}, context: createContext(app, viewer) };
      const { variables: variableValues, context: contextValue } = request;
      return { schema, document, operationName, variableValues, contextValue, request };
    } catch (error) {
      const shown = toGraphQLError(error);
      if (shown instanceof GraphQLError) return [shown];
      // An error that is thrown from here would close the socket with its text.
      return [new GraphQLError('internal', { originalError: error instanceof Error ? error : null })];
    }
  };

  async function readDocument(viewer: Viewer, query: string): Promise<DocumentNode | GraphQLError[]> {
    checkDocumentText(query);
    await turns.take(viewer.tenantId);
    let document: DocumentNode;
    try {
      document = parse(query);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return [withCode(error, 'GRAPHQL_PARSE_FAILED')];
    }
    const errors = validate(schema, document, specifiedRules, VALIDATION_OPTIONS);
    return errors.length > 0 ? errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')) : document;
  }
}
