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
/** Compiling 2,800 characters took 38 ms on a busy core, in one go; a longer document than this is left to graphql-js. */
const MAX_COMPILED_LENGTH = 2_000;

interface Compilation {
  uses: number;
  /** Null: it is not compiled. */
  query: CompiledQuery | null | undefined;
  /** It waits for its turn to be compiled. */
  isDue: boolean;
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

  function compiled(document: DocumentNode, operation: OperationDefinitionNode, tenantId: string) {
    const known = compilations.get(operation) ?? {
      uses: 0,
      query: isCompilable(document) ? undefined : null,
      isDue: false,
    };
    compilations.set(operation, known);
    known.uses += 1;
    if (known.query === undefined && known.uses >= COMPILE_AFTER && !known.isDue) {
      known.isDue = true;
      void compileAtTurn(known, document, operation, tenantId);
    }
    return known.query ?? null;
  }

  /** Compiles for later uses, at the tenant's turn: nobody waits for it. */
  async function compileAtTurn(
    compilation: Compilation,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    tenantId: string,
  ): Promise<void> {
    try {
      await turns.take(tenantId);
      const query = compileQuery(schema, document, operation.name?.value);
      compilation.query = isCompiledQuery(query) ? query : null;
    } catch {
      // The tenant has too much waiting for its turn: a later use tries again.
      compilation.isDue = false;
    }
  }

  return async ({ document, operation, variables, context }) => {
    const query = operation.operation === 'query' ? compiled(document, operation, context.viewer.tenantId) : null;
    if (query) {
      const result = (await query.query(undefined, context, variables)) as ExecutionResult;
      // Without data the variables were rejected; graphql-js answers with the same messages as everywhere else.
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
