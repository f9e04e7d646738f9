import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { type DocumentNode, type ExecutionResult, execute, GraphQLError, type GraphQLSchema } from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';

/** Documents seen once never pay for compilation. */
const COMPILE_AFTER = 2;

interface Compilation {
  uses: number;
  /** Null: graphql-jit cannot compile it. */
  query: CompiledQuery | null | undefined;
}

/**
 * graphql-jit as Apollo's executor: a "gateway" is a schema with an executor, and parsing, validation, caching and errors
 * stay Apollo's. Only queries are compiled; mutations run one after the other by graphql-js, as ever. A compiled query
 * lives as long as Apollo's cached document.
 */
export function jitGateway(schema: GraphQLSchema): GatewayInterface {
  const compilations = new WeakMap<DocumentNode, Map<string, Compilation>>();
  let publish: Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0] = () => {};

  function compiled(document: DocumentNode, operationName: string | null): CompiledQuery | null {
    const byOperation = compilations.get(document) ?? new Map<string, Compilation>();
    compilations.set(document, byOperation);
    const known = byOperation.get(operationName ?? '') ?? { uses: 0, query: undefined };
    byOperation.set(operationName ?? '', known);
    known.uses += 1;
    if (known.query === undefined && known.uses > COMPILE_AFTER) {
      const query = compileQuery(schema, document, operationName ?? undefined);
      known.query = isCompiledQuery(query) ? query : null;
    }
    return known.query ?? null;
  }

  return {
    onSchemaLoadOrUpdate(callback) {
      publish = callback;
      return () => {};
    },
    async load() {
      publish({ apiSchema: schema, coreSupergraphSdl: '' });
      return {
        async executor({ document, operationName, operation, request, context }) {
          const variableValues = request.variables ?? {};
          const query = operation?.operation === 'query' ? compiled(document, operationName) : null;
          if (query) {
            const result = (await query.query(undefined, context, variableValues)) as ExecutionResult;
            // Without data the variables were refused, and graphql-js words that refusal as everywhere else.
            if (!result.errors) return result as never;
            if (result.data !== undefined) return { ...result, errors: result.errors.map(complete) } as never;
          }
          return (await execute({ schema, document, operationName, variableValues, contextValue: context })) as never;
        },
      };
    },
    async stop() {},
  };
}

/** graphql-jit's errors lack `extensions`, which Apollo reads. */
function complete(error: GraphQLError): GraphQLError {
  if (error.extensions) return error;
  const whole = new GraphQLError(error.message, {
    path: error.path ?? null,
    originalError: error.originalError ?? null,
  });
  Object.defineProperty(whole, 'locations', { value: error.locations, enumerable: true });
  return whole;
}
