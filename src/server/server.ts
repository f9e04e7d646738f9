import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import type { GraphQLSchema } from 'graphql';
import type { App } from '../context.js';
import { createContext, type RequestContext } from '../resolvers/request-context.js';
import { createSchema } from '../resolvers/schema.js';
import { auditMutations } from './audit-mutations.js';
import { type Authenticate, createAuthenticate } from './authenticate.js';
import { createCors, createOriginCheck } from './cors.js';
import { toFormattedError, toGraphQLError } from './errors.js';
import { serveGraphiql } from './graphiql.js';
import { type CreateContext, createGraphqlHandler } from './graphql-http.js';
import { type GraphqlSockets, serveGraphqlSockets } from './graphql-socket.js';
import { checkReadiness } from './health.js';
import { jitGateway } from './jit-executor.js';
import { limitGateway } from './limit-gateway.js';
import { type CheckCost, createCostCheck, limitRules } from './limits.js';
import { type Metrics, watchSources } from './metrics.js';
import { createPreparation } from './prepare-operation.js';
import { createRateLimit, type RateLimit } from './rate-limit.js';
import { refuseZeroCharacters } from './refuse-zero-characters.js';

export interface ServerDependencies {
  readonly app: App;
  readonly jwtSecret: string;
  readonly metrics: Metrics;
  readonly pingQueue: () => Promise<void>;
  readonly queueCounts: () => Promise<readonly { queue: string; state: string; count: number }[]>;
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
  const schema = auditMutations(limitGateway(refuseZeroCharacters(await createSchema())));
  const authenticate = createAuthenticate(dependencies.jwtSecret, app.config.jwt.algorithms);
  const rateLimit = createRateLimit(app.config.http.rateLimitPerMinute);
  const checkCost = createCostCheck(schema);
  const isAllowedOrigin = createOriginCheck(app.config.http.corsOrigins);

  const server = createServer();
  const apollo = createApollo(server, app, schema, checkCost, metrics);
  await apollo.start();
  const graphql = createGraphqlHandler(apollo, createRequestContext(app, authenticate, rateLimit), app.log);
  server.on('request', createRouter(graphql, createCors(isAllowedOrigin), dependencies));
  const prepare = createPreparation(app, schema, rateLimit, checkCost);
  const sockets: GraphqlSockets = serveGraphqlSockets(server, {
    schema,
    log: app.log,
    authenticate,
    prepare,
    isAllowedOrigin,
  });
  watchSources(metrics, { socketCount: sockets.count, queueCounts: dependencies.queueCounts });

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
    },
  };
}

function createApollo(server: Server, app: App, schema: GraphQLSchema, checkCost: CheckCost, metrics: Metrics) {
  return new ApolloServer<RequestContext>({
    gateway: jitGateway(schema),
    allowBatchedHttpRequests: true,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    validationRules: limitRules(),
    logger: app.log,
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer: server, stopGracePeriodMillis: 5_000 }),
      watchOperations(checkCost, metrics),
    ],
    formatError: (formatted, error) => toFormattedError(formatted, error, randomUUID(), app.log),
  });
}

/** Checks what an operation may cost before it runs, and counts it. */
function watchOperations(checkCost: CheckCost, metrics: Metrics): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      const started = performance.now();
      return {
        async didResolveOperation({ document, operationName, request }) {
          checkCost(document, operationName, request.variables ?? {});
        },
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

function createRequestContext(app: App, authenticate: Authenticate, rateLimit: RateLimit): CreateContext {
  return async (req: IncomingMessage, operations: number) => {
    try {
      const viewer = authenticate(req.headers.authorization);
      await rateLimit(viewer.subject, operations);
      return createContext(app, viewer);
    } catch (error) {
      throw toGraphQLError(error);
    }
  };
}

function createRouter(
  graphql: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
  cors: ReturnType<typeof createCors>,
  { app, metrics, pingQueue }: ServerDependencies,
) {
  const json = (res: ServerResponse, status: number, body: unknown) => {
    res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
    res.end(JSON.stringify(body));
  };
  const route = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? '/').split('?', 1)[0] as string;
    switch (path) {
      case '/graphql':
        return (await serveGraphiql(req, res)) ? undefined : graphql(req, res);
      case '/api/health':
        return json(res, 200, { status: 'ok', service: 'arcadia-cloud' });
      case '/api/ready': {
        const { ready, checks } = await checkReadiness({ db: app.db, pingQueue });
        return json(res, ready ? 200 : 503, { status: ready ? 'ready' : 'unavailable', checks });
      }
      case '/metrics':
        res.setHeader('content-type', metrics.registry.contentType);
        res.end(await metrics.registry.metrics());
        return;
      default:
        if (!(await serveGraphiql(req, res)))
          json(res, 404, { errors: [{ message: `Nothing is served at ${path}.` }] });
    }
  };
  return (req: IncomingMessage, res: ServerResponse): void => {
    cors(req, res, () => {
      route(req, res).catch((err) => {
        app.log.error({ err, path: req.url?.split('?', 1)[0] }, 'request failed');
        if (!res.headersSent) json(res, 500, { errors: [{ message: 'Something went wrong on our side.' }] });
        else res.destroy();
      });
    });
  };
}
