import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import type { GraphQLFormattedError } from 'graphql';
import type { DataSource } from 'typeorm';
import type { App } from '../context.js';
import { RateLimitedError } from '../errors.js';
import { createContext, type RequestContext } from '../resolvers/request-context.js';
import { createSchema } from '../resolvers/schema.js';
import { createAnonymousLimit } from './anonymous-limit.js';
import { apolloGateway } from './apollo-gateway.js';
import { auditMutations } from './audit-mutations.js';
import { type Authenticate, createAuthenticate } from './authenticate.js';
import { checkInput } from './check-input.js';
import { clientAddress } from './client-address.js';
import { createCors, createOriginCheck } from './cors.js';
import { countValues } from './count-values.js';
import { VALIDATION_OPTIONS } from './document-limits.js';
import { DocumentStore } from './document-store.js';
import { toFormattedError, toGraphQLError } from './errors.js';
import { FairQueue } from './fair-queue.js';
import { FairTurns } from './fair-turns.js';
import { createGraphqlHandler, type GraphqlGate } from './graphql-http.js';
import { type GraphqlSockets, serveGraphqlSockets } from './graphql-socket.js';
import { createHttpServer } from './http-server.js';
import { createExecutor } from './jit-executor.js';
import { createOperationCheck, MUTATION_QUEUE_LIMITS, QUEUE_LIMITS } from './limits.js';
import { type Metrics, watchSources } from './metrics.js';
import { pricelessLists } from './operation-cost.js';
import { createPreparation } from './prepare-operation.js';
import { createRateLimit, type RateLimit } from './rate-limit.js';
import { setRateLimitHeaders } from './rate-limit-headers.js';
import { createRateLimitStore } from './rate-limit-store.js';
import { restrictGatewayRole } from './restrict-gateway-role.js';
import { createRouter } from './router.js';
import { createRunner } from './run-operation.js';
import { stringifyResult } from './stringify-result.js';

export interface ServerDependencies {
  readonly app: App;
  readonly jwtSecret: string;
  readonly metrics: Metrics;
  /** Connections that nothing but readiness uses. */
  readonly probe: DataSource;
  readonly pingQueue: () => Promise<void>;
}

export interface RunningServer {
  /** As http://127.0.0.1:4005, without a final slash. */
  readonly url: string;
  readonly port: number;
  /** Drains HTTP, closes sockets with 1001. */
  close(): Promise<void>;
}

/** HTTP and WebSocket on one port. */
export async function startServer(dependencies: ServerDependencies): Promise<RunningServer> {
  const { app, metrics } = dependencies;
  const schema = countValues(auditMutations(restrictGatewayRole(checkInput(await createSchema()))));
  const authenticate = createAuthenticate(dependencies.jwtSecret, app.config.jwt);
  const rateLimits = createRateLimitStore(app);
  const rateLimit = createRateLimit(app.config.http.rateLimitPerMinute, rateLimits, (err) => {
    metrics.rateLimitStoreFailures.inc();
    app.log.warn({ err }, 'rate limits are counted by this process alone for now');
  });
  const priceless = pricelessLists(schema);
  if (priceless.length > 0) throw new Error(`lists without a price (see @ListSize): ${priceless.join(', ')}`);
  const documents = new DocumentStore();
  const turns = new FairTurns();
  const check = createOperationCheck(schema);
  const queues = { operations: new FairQueue(QUEUE_LIMITS), mutations: new FairQueue(MUTATION_QUEUE_LIMITS) };
  const runner = createRunner(createExecutor(schema, turns), queues, app.config.http.operationTimeoutMs);
  const isAllowedOrigin = createOriginCheck(app.config.http.corsOrigins);

  const server = createHttpServer();
  const apollo = createApollo(server, app, apolloGateway(schema, check, runner), documents, metrics);
  await apollo.start();
  const graphql = createGraphqlHandler(apollo, createGate(app, authenticate, rateLimit), documents, turns, app.log);
  const route = createRouter(graphql, createCors(isAllowedOrigin), isOperator(authenticate), dependencies);
  server.on('request', route);
  // Who announces a body waits until its headers are accepted.
  server.on('checkContinue', route);
  const prepare = createPreparation(app, schema, documents, turns, rateLimit, check);
  const sockets: GraphqlSockets = serveGraphqlSockets(server, {
    schema,
    log: app.log,
    authenticate,
    prepare,
    runner,
    isAllowedOrigin,
    socketsPerTenant: app.config.http.socketsPerTenant,
    trustedProxies: app.config.http.trustedProxies,
  });
  watchSources(metrics, {
    socketCount: sockets.count,
    socketWaitingBytes: sockets.waitingBytes,
  });

  const { host } = app.config.http;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(app.config.http.port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    port,
    async close() {
      await sockets.close();
      await apollo.stop();
      rateLimits.close();
    },
  };
}

function createApollo(server: Server, app: App, gateway: GatewayInterface, documents: DocumentStore, metrics: Metrics) {
  const formatError = (formatted: GraphQLFormattedError, error: unknown) =>
    toFormattedError(formatted, error, randomUUID(), app.log);
  return new ApolloServer<RequestContext>({
    gateway,
    documentStore: documents,
    validationOptions: VALIDATION_OPTIONS,
    persistedQueries: false,
    allowBatchedHttpRequests: true,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    logger: app.log,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer: server, stopGracePeriodMillis: 5_000 }),
      watchOperations(metrics),
    ],
    formatError,
    stringifyResult: (result) =>
      stringifyResult(result, (error) => ({ errors: [formatError({ message: error.message }, error)] })),
  });
}

/** Counts operations, and sets the status of those that could not run. */
function watchOperations(metrics: Metrics): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      const started = performance.now();
      return {
        async willSendResponse({ operation, errors, request, response }) {
          // GraphQL over HTTP: an `application/json` answer to a well-formed request is 200, whatever the document was.
          const accept = request.http?.headers.get('accept') ?? '';
          const { http } = response;
          if (http.status === 400 && !accept.includes('application/graphql-response+json')) http.status = 200;
          const type = operation?.operation ?? 'none';
          metrics.graphqlOperations.inc({ operation: type, outcome: errors ? 'error' : 'ok' });
          metrics.graphqlSeconds.observe({ operation: type }, (performance.now() - started) / 1000);
        },
      };
    },
  };
}

function isOperator(authenticate: Authenticate): (req: IncomingMessage) => boolean {
  return (req) => {
    try {
      return authenticate(req.headers.authorization).isOperator;
    } catch {
      return false;
    }
  };
}

function createGate(app: App, authenticate: Authenticate, rateLimit: RateLimit): GraphqlGate {
  const { anonymousPerMinute, trustedProxies } = app.config.http;
  const countAnonymous = createAnonymousLimit(anonymousPerMinute);
  return {
    admit(req) {
      try {
        return authenticate(req.headers.authorization);
      } catch (error) {
        countAnonymous(clientAddress(req, trustedProxies));
        throw error;
      }
    },
    async createContext(viewer, operations, res) {
      try {
        const state = rateLimit(viewer, operations);
        setRateLimitHeaders(res, state instanceof Promise ? await state : state);
        return createContext(app, viewer);
      } catch (error) {
        if (error instanceof RateLimitedError) {
          const { retryAfterSeconds } = error;
          const { rateLimitPerMinute: limit } = app.config.http;
          setRateLimitHeaders(res, { limit, remaining: 0, resetSeconds: retryAfterSeconds });
        }
        throw toGraphQLError(error);
      }
    },
  };
}
