import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import type { RequestContext } from '../resolvers/request-context.js';
import type { FairTurns } from './fair-turns.js';
import { IntrospectionResults, mayIntrospect } from './introspection.js';

/** Documents seen once never pay for compilation. */
const COMPILE_AFTER = 2;
/** Compiling so long a document takes about 10 ms; a longer one is left to graphql-js. */
const MAX_COMPILED_LENGTH = 4_000;

interface Compilation {
  uses: number;
  /** Null: it is not compiled. */
  query: CompiledQuery | null | undefined;
}

/** One operation of a valid document whose variables are valid. */
export interface Execution {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export type Execute = (execution: Execution) => Promise<ExecutionResult>;

/**
 * graphql-jit for queries that come again, graphql-js for the rest: mutations run one after the other by graphql-js. A
 * compiled query depends on document and operation alone, and lives as long as the document does. Introspection is
 * executed once, at its tenant's turn, and then answered from its result.
 */
export function createExecutor(schema: GraphQLSchema, turns: FairTurns): Execute {
  const introspections = new IntrospectionResults();
  const compilations = new WeakMap<OperationDefinitionNode, Compilation>();

  function compiled(document: DocumentNode, operation: OperationDefinitionNode): CompiledQuery | null {
    const known = compilations.get(operation) ?? { uses: 0, query: isCompilable(document) ? undefined : null };
    compilations.set(operation, known);
    known.uses += 1;
    if (known.query === undefined && known.uses > COMPILE_AFTER) {
      const query = compileQuery(schema, document, operation.name?.value);
      known.query = isCompiledQuery(query) ? query : null;
    }
    return known.query ?? null;
  }

  return async ({ document, operation, variables, context }) => {
    const query = operation.operation === 'query' ? compiled(document, operation) : null;
    if (query) {
      const result = (await query.query(undefined, context, variables)) as ExecutionResult;
      // Without data the variables were refused, and graphql-js words that refusal as everywhere else.
      if (!result.errors) return result;
      if (result.data !== undefined) return { ...result, errors: result.errors.map(complete) };
    }
    const run = () =>
      execute({
        schema,
        document,
        operationName: operation.name?.value ?? null,
        variableValues: variables,
        contextValue: context,
      });
    return mayIntrospect(document) ? introspect({ document, operation, context }, run) : run();
  };

  async function introspect(
    { document, operation, context }: Pick<Execution, 'document' | 'operation' | 'context'>,
    run: () => ExecutionResult | Promise<ExecutionResult>,
  ): Promise<ExecutionResult> {
    const key = introspections.keyOf(document, operation);
    const known = key === null ? undefined : introspections.get(key);
    if (known) return known;
    await turns.take(context.viewer.tenantId);
    const result = await ((key === null ? undefined : introspections.get(key)) ?? run());
    if (key !== null) introspections.set(key, result);
    return result;
  }
}

function isCompilable(document: DocumentNode): boolean {
  const text = document.loc?.source.body ?? '';
  return text.length <= MAX_COMPILED_LENGTH && !text.includes('__schema');
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
