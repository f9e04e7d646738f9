import type { GatewayInterface } from '@apollo/server-gateway-interface';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import type { RequestContext } from '../resolvers/request-context.js';
import { type CheckOperation, withCode } from './limits.js';
import type { OperationRunner } from './run-operation.js';

/**
 * Our own execution within Apollo: a "gateway" is a schema with an executor, and parsing, validation, the protocol and
 * errors stay Apollo's.
 */
export function apolloGateway(schema: GraphQLSchema, check: CheckOperation, runner: OperationRunner): GatewayInterface {
  let publish: Parameters<GatewayInterface['onSchemaLoadOrUpdate']>[0] = () => {};
  return {
    onSchemaLoadOrUpdate(callback) {
      publish = callback;
      return () => {};
    },
    async load() {
      publish({ apiSchema: schema, coreSupergraphSdl: '' });
      return {
        async executor({ document, request, context }) {
          return executeOverHttp(document, request.operationName, request.variables ?? {}, context as never) as never;
        },
      };
    },
    async stop() {},
  };

  async function executeOverHttp(
    document: Parameters<CheckOperation>[0],
    operationName: string | null | undefined,
    variables: Readonly<Record<string, unknown>>,
    context: RequestContext,
  ): Promise<ExecutionResult> {
    const checked = check(document, operationName, variables);
    if (!('operation' in checked)) return { errors: checked };
    if (checked.operation.operation === 'subscription') return { errors: [needsSocket()] };
    return runner.run({ ...checked, document, variables, context });
  }
}

function needsSocket(): GraphQLError {
  const message = 'Subscriptions are served over WebSocket (graphql-transport-ws) at this path, not over HTTP.';
  return withCode(new GraphQLError(message), 'BAD_REQUEST');
}
