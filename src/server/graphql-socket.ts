import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import { handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Viewer } from '../context.js';
import { QueryTooComplexError, RateLimitedError } from '../errors.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { isLongerThan, isSmall } from './answer-length.js';
import { type Authenticate, TokenExpiredError } from './authenticate.js';
import { clientAddress } from './client-address.js';
import type { OriginCheck } from './cors.js';
import { toFormattedError, toGraphQLError } from './errors.js';
import type { PreparedOperation, PrepareOperation } from './prepare-operation.js';
import type { OperationRunner } from './run-operation.js';
import { subscribeShared } from './shared-execution.js';
import { keepAlive } from './socket-keep-alive.js';
import { Outboxes, type Release, SocketOutbox } from './socket-outbox.js';
import { type SocketPlace, SocketPlaces } from './socket-places.js';
import { Turns } from './turns.js';

/** Close codes of the contract; 4400 is graphql-ws' own. */
const CLOSE = { unauthorized: 4401, forbidden: 4403, tooMany: 4429, failed: 4500 } as const;
/** Operations that one socket may run at once. */
const MAX_OPERATIONS = 50;
/** A frame before authentication: a token of the longest kind and what is around it. */
const MAX_ANONYMOUS_FRAME_BYTES = 16_384;
/** A frame afterwards. Each socket may hold back a frame that is not whole yet, so it is smaller than a body over HTTP. */
const MAX_FRAME_BYTES = 262_144;
/** Messages that may come before the socket is authenticated: `connection_init` and a few pings. */
const MAX_ANONYMOUS_MESSAGES = 5;
/** A message is written in one piece: 2 to 8 ms for each million characters, by what it holds. */
const MAX_SOCKET_ANSWER_LENGTH = 2_000_000;
const CONNECTION_INIT_MS = 3_000;
/** setTimeout counts in 31 bits: a token that lives longer than 24 days is looked at again then. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export interface SocketDependencies {
  readonly schema: GraphQLSchema;
  readonly log: Logger;
  readonly authenticate: Authenticate;
  readonly prepare: PrepareOperation;
  readonly runner: OperationRunner;
  readonly isAllowedOrigin: OriginCheck;
  readonly socketsPerTenant: number;
  readonly trustedProxies: number;
}

/** What a socket keeps. */
interface Connection {
  readonly socket: WebSocket;
  readonly outbox: SocketOutbox;
  readonly place: SocketPlace;
  viewer: Viewer | null;
  expiry: NodeJS.Timeout | undefined;
  /** By the payload of its `subscribe` message: a client may use an id again while its last use still runs. */
  readonly operations: Map<object, { release: Release | null }>;
}

export interface GraphqlSockets {
  count(): number;
  /** Bytes that wait for clients to take them. */
  waitingBytes(): number;
  /** Ends every socket with 1001. */
  close(): Promise<void>;
}

/**
 * GraphQL over WebSocket (`graphql-transport-ws`) on `/graphql`. The token comes in `connectionParams.authorization`; the
 * socket ends with 4403 when it expires. What a client does not read is bounded by its outbox.
 */
export function serveGraphqlSockets(server: Server, dependencies: SocketDependencies): GraphqlSockets {
  const { log, trustedProxies } = dependencies;
  const places = new SocketPlaces(dependencies.socketsPerTenant);
  const outboxes = new Outboxes();
  const protocol = createProtocol(dependencies);
  const sockets = new WebSocketServer({
    server,
    path: '/graphql',
    handleProtocols,
    maxPayload: MAX_ANONYMOUS_FRAME_BYTES,
    // Many small messages in one packet are not handled in one go.
    allowSynchronousEvents: false,
    verifyClient: ({ origin, req }: { origin?: string; req: IncomingMessage }, answer) => {
      const isOurs = !origin || dependencies.isAllowedOrigin(origin) || isSameHost(origin, req.headers.host);
      if (!isOurs) answer(false, 401, 'Unauthorized');
      else if (!places.hasRoomFor(clientAddress(req, trustedProxies))) answer(false, 429, 'Too Many Requests');
      else answer(true);
    },
  });
  sockets.on('error', (err) => log.error({ err }, 'WebSocket server failed'));
  sockets.on('connection', (socket, request) => {
    const connection: Connection = {
      socket,
      outbox: new SocketOutbox(socket, outboxes),
      place: places.enter(clientAddress(request, trustedProxies)),
      viewer: null,
      expiry: undefined,
      operations: new Map(),
    };
    // What breaks the protocol of frames is closed by ws itself, with 1002, 1007 or 1009.
    socket.on('error', (err) => log.debug({ err }, 'WebSocket failed'));
    socket.once('close', () => connection.place.leave());
    keepAlive(socket);
    serve(connection, protocol, log);
  });
  return {
    count: () => sockets.clients.size,
    waitingBytes: () => outboxes.waitingBytes,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'Going away');
      sockets.removeAllListeners('connection');
      outboxes.close();
      await new Promise<void>((resolve) => sockets.close(() => resolve()));
    },
  };
}

type Protocol = ReturnType<typeof createProtocol>;

/** Carries messages between one socket and the protocol. */
function serve(connection: Connection, protocol: Protocol, log: Logger): void {
  const { socket, outbox } = connection;
  let messages = 0;
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (text) => outbox.send(text),
      close: (code, reason) => socket.close(code, reason),
      onPing: () => outbox.pong(),
      onMessage(handle) {
        socket.on('message', (data) => {
          if (socket.readyState !== socket.OPEN) return;
          messages += 1;
          if (connection.viewer === null && messages > MAX_ANONYMOUS_MESSAGES) {
            socket.close(CLOSE.unauthorized, 'Send connection_init with a token first.');
            return;
          }
          handle(String(data)).catch((err) => {
            log.error({ err }, 'socket operation failed');
            socket.close(CLOSE.failed, 'Something went wrong on our side.');
          });
        });
      },
    },
    connection as unknown as Record<PropertyKey, unknown>,
  );
  socket.once('close', (code, reason) => {
    clearTimeout(connection.expiry);
    closed(code, String(reason)).catch((err) => log.error({ err }, 'socket could not be closed in order'));
  });
}

function createProtocol({ schema, log, authenticate, prepare, runner }: SocketDependencies) {
  /** What an operation of a socket is executed with. */
  const connectionOf = new WeakMap<ExecutionArgs, { connection: Connection; operation: { release: Release | null } }>();
  const turns = new Turns();
  const ended = ({ operations }: Connection, payload: object) => {
    operations.get(payload)?.release?.();
    operations.delete(payload);
  };
  /** Results that several operations share are measured once. */
  const measured = new WeakSet<object>();
  /** A large result at its turn, since writing it takes milliseconds; or the error that it is too large. */
  const bounded = async (result: ExecutionResult, requestId: string): Promise<ExecutionResult> => {
    await turns.next();
    const data = result.data ?? {};
    if (measured.has(data) || !(await isLongerThan(data, MAX_SOCKET_ANSWER_LENGTH))) {
      measured.add(data);
      return formatted(result, requestId, log);
    }
    const message = `An answer on a socket holds at most ${MAX_SOCKET_ANSWER_LENGTH} characters; select less, or use HTTP.`;
    return formatted({ errors: [toGraphQLError(new QueryTooComplexError(message)) as GraphQLError] }, requestId, log);
  };
  return makeServer<Record<string, unknown>, Record<PropertyKey, unknown>>({
    schema,
    connectionInitWaitTimeout: CONNECTION_INIT_MS,
    onConnect: (ctx) => admit(ctx.extra as unknown as Connection, ctx.connectionParams, authenticate),
    async onSubscribe(ctx, _id, payload) {
      const connection = ctx.extra as unknown as Connection;
      const { socket, operations, viewer } = connection;
      if (operations.size >= MAX_OPERATIONS) {
        socket.close(CLOSE.tooMany, `At most ${MAX_OPERATIONS} operations at once.`);
        return [toGraphQLError(new RateLimitedError(1)) as GraphQLError];
      }
      const operation = { release: null };
      operations.set(payload, operation);
      await turns.next();
      const prepared = await prepare(viewer as Viewer, payload);
      // The protocol is silent if the client has given the operation up meanwhile.
      if (Array.isArray(prepared)) operations.delete(payload);
      else connectionOf.set(prepared, { connection, operation });
      return prepared;
    },
    async execute(args: ExecutionArgs): Promise<ExecutionResult> {
      const { connection, operation } = connectionOf.get(args) as NonNullable<ReturnType<typeof connectionOf.get>>;
      operation.release = await connection.outbox.acquire();
      return operation.release === null ? {} : runner.run((args as PreparedOperation).request);
    },
    subscribe: ((args: PreparedOperation) =>
      subscribeShared(args, connectionOf.get(args)?.connection.outbox as SocketOutbox, runner)) as never,
    onNext: (_ctx, _id, _payload, args, result) => {
      const { requestId } = args.contextValue as RequestContext;
      return isSmall(result) ? formatted(result, requestId, log) : bounded(result, requestId);
    },
    onError(ctx, _id, payload, errors) {
      ended(ctx.extra as unknown as Connection, payload);
      const requestId = randomUUID();
      return errors.map((error) => toFormattedError(error.toJSON(), error, requestId, log));
    },
    onComplete: (ctx, _id, payload) => ended(ctx.extra as unknown as Connection, payload),
  });
}

/** Authenticates the socket; false: it was closed. */
function admit(
  connection: Connection,
  connectionParams: Readonly<Record<string, unknown>> | undefined,
  authenticate: Authenticate,
): boolean {
  const { socket, place } = connection;
  try {
    const viewer = authenticate(authorizationOf(connectionParams));
    if (!place.moveTo(viewer.tenantId)) {
      socket.close(CLOSE.tooMany, 'The tenant has too many sockets open.');
      return false;
    }
    connection.viewer = viewer;
    allowFrames(socket, MAX_FRAME_BYTES);
    endAt(viewer.expiresAt, connection, () => socket.close(CLOSE.forbidden, 'The token has expired.'));
    return true;
  } catch (error) {
    const code = error instanceof TokenExpiredError ? CLOSE.forbidden : CLOSE.unauthorized;
    socket.close(code, error instanceof Error ? error.message : 'Unauthorized');
    return false;
  }
}

/** ws takes the limit once a server; that of one socket stands in its receiver, whose field this is in every ws 8. */
function allowFrames(socket: WebSocket, bytes: number): void {
  const { _receiver: receiver } = socket as unknown as { _receiver: { _maxPayload: number } };
  receiver._maxPayload = bytes;
}

function authorizationOf(connectionParams: Readonly<Record<string, unknown>> | undefined): string | null {
  const given = connectionParams?.['authorization'] ?? connectionParams?.['Authorization'];
  return typeof given === 'string' ? given : null;
}

/** GraphiQL is served from here, whatever this host is called. */
function isSameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function endAt(expiresAt: number, connection: Connection, end: () => void): void {
  const ms = expiresAt * 1000 - Date.now();
  connection.expiry = setTimeout(
    () => (ms > MAX_TIMEOUT_MS ? endAt(expiresAt, connection, end) : end()),
    Math.min(ms, MAX_TIMEOUT_MS),
  );
}

function formatted(result: ExecutionResult, requestId: string, log: Logger): ExecutionResult {
  if (!result.errors) return result;
  const errors = result.errors.map((error: GraphQLError) => toFormattedError(error.toJSON(), error, requestId, log));
  return { ...result, errors: errors as unknown as readonly GraphQLError[] };
}
