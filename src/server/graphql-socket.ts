import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { type ExecutionResult, execute, type GraphQLError, type GraphQLSchema } from 'graphql';
import { useServer as serveSockets } from 'graphql-ws/use/ws';
import type { Logger } from 'pino';
import { WebSocketServer } from 'ws';
import type { Viewer } from '../context.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { type Authenticate, TokenExpiredError } from './authenticate.js';
import type { OriginCheck } from './cors.js';
import { toFormattedError } from './errors.js';
import { MAX_BODY_BYTES } from './limits.js';
import type { PrepareOperation } from './prepare-operation.js';
import { subscribeShared } from './shared-execution.js';

/** Close codes of the contract; 4400 is graphql-ws' own. */
const CLOSE = { unauthorized: 4401, forbidden: 4403, tooMany: 4429 } as const;
/** Operations that one socket may run at once. */
const MAX_OPERATIONS = 50;
/** setTimeout counts in 31 bits: a token that lives longer than 24 days is looked at again then. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export interface SocketDependencies {
  readonly schema: GraphQLSchema;
  readonly log: Logger;
  readonly authenticate: Authenticate;
  readonly prepare: PrepareOperation;
  readonly isAllowedOrigin: OriginCheck;
}

/** What a socket keeps. */
interface SocketExtra extends Record<PropertyKey, unknown> {
  viewer: Viewer;
  expiry: NodeJS.Timeout;
  operations: Set<string>;
}

export interface GraphqlSockets {
  count(): number;
  /** Ends every socket with 1001. */
  close(): Promise<void>;
}

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) on `/graphql`. The token comes in `connectionParams.authorization`; the
 * socket ends with 4403 when it expires.
 */
export function serveGraphqlSockets(server: Server, dependencies: SocketDependencies): GraphqlSockets {
  const { schema, log, authenticate, prepare, isAllowedOrigin } = dependencies;
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    maxPayload: MAX_BODY_BYTES,
    verifyClient: ({ origin, req }: { origin?: string; req: { headers: { host?: string } } }) =>
      !origin || isAllowedOrigin(origin) || isSameHost(origin, req.headers.host),
  });
  const disposable = serveSockets<Record<string, unknown>, SocketExtra>(
    {
      schema,
      onConnect(ctx) {
        const { socket } = ctx.extra;
        try {
          const viewer = authenticate(authorizationOf(ctx.connectionParams));
          ctx.extra.viewer = viewer;
          ctx.extra.operations = new Set();
          endAt(viewer.expiresAt, ctx.extra, () => socket.close(CLOSE.forbidden, 'The token has expired.'));
          return true;
        } catch (error) {
          const code = error instanceof TokenExpiredError ? CLOSE.forbidden : CLOSE.unauthorized;
          socket.close(code, error instanceof Error ? error.message : 'Unauthorized');
          return false;
        }
      },
      onDisconnect: (ctx) => clearTimeout(ctx.extra.expiry),
      async onSubscribe(ctx, id, payload) {
        const { viewer, operations, socket } = ctx.extra as SocketExtra & typeof ctx.extra;
        if (operations.size >= MAX_OPERATIONS) {
          socket.close(CLOSE.tooMany, `At most ${MAX_OPERATIONS} operations at once.`);
          return [];
        }
        operations.add(id);
        return prepare(viewer, payload);
      },
      execute,
      subscribe: subscribeShared as never,
      onNext: (_ctx, _id, _payload, args, result) =>
        formatted(result, (args.contextValue as RequestContext).requestId, log),
      onError(ctx, id, _payload, errors) {
        ctx.extra.operations?.delete(id);
        const requestId = randomUUID();
        return errors.map((error) => toFormattedError(error.toJSON(), error, requestId, log));
      },
      onComplete: (ctx, id) => {
        ctx.extra.operations?.delete(id);
      },
    },
    sockets,
  );
  return { count: () => sockets.clients.size, close: async () => disposable.dispose() };
}

function authorizationOf(connectionParams: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
  return typeof given === 'string' ? given : null;
}

/** GraphiQL is served from here, whatever this host is called. */
function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function endAt(expiresAt: number, extra: Partial<SocketExtra>, end: () => void): void {
  const ms = expiresAt * 1000 - Date.now();
  extra.expiry = setTimeout(
    () => (ms > LONGEST_TIMEOUT_MS ? endAt(expiresAt, extra, end) : end()),
    Math.min(ms, LONGEST_TIMEOUT_MS),
  );
}

function formatted(result: ExecutionResult, requestId: string, log: Logger): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error: GraphQLError) => toFormattedError(error.toJSON(), error, requestId, log));
  return { ...result, errors: errors as unknown as readonly GraphQLError[] };
}
