import type { IncomingMessage, ServerResponse } from 'node:http';
import type { createCors } from './cors.js';
import { serveGraphiql } from './graphiql.js';
import { createReadiness, type Readiness, withoutReasons } from './health.js';
import { setSecurityHeaders } from './security-headers.js';
import type { ServerDependencies } from './server.js';

type Route = (req: IncomingMessage, res: ServerResponse) => void;

/** Every path that this server answers, each with the security headers and CORS. */
export function createRouter(
  graphql: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
  cors: ReturnType<typeof createCors>,
  isOperator: (req: IncomingMessage) => boolean,
  { app, metrics, probe, pingQueue }: ServerDependencies,
): Route {
  const readReadiness = createReadiness({ db: probe, pingQueue });
  const route = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const path = (req.url ?? '/').split('?', 1)[0] as string;
    switch (path) {
      case '/graphql':
        return serveGraphiql(req, res) ? undefined : graphql(req, res);
      case '/api/health':
        return json(res, 200, { status: 'ok', service: 'arcadia-cloud' });
      case '/api/ready': {
        const found = await readReadiness();
        return answerReadiness(res, isOperator(req) ? found : withoutReasons(found));
      }
      case '/metrics':
        res.setHeader('content-type', metrics.registry.contentType);
        res.end(await metrics.registry.metrics());
        return;
      default:
        if (!serveGraphiql(req, res)) json(res, 404, { errors: [{ message: 'Nothing is served at this path.' }] });
    }
  };
  return (req, res) => {
    setSecurityHeaders(app.config, req, res);
    cors(req, res, () => {
      route(req, res).catch((err) => {
        app.log.error({ err, path: req.url?.split('?', 1)[0] }, 'request failed');
        if (!res.headersSent) json(res, 500, { errors: [{ message: 'Something went wrong on our side.' }] });
        else res.destroy();
      });
    });
  };
}

export function answerReadiness(res: ServerResponse, { ready, ...found }: Readiness): void {
  json(res, ready ? 200 : 503, { status: ready ? 'ready' : 'unavailable', ...found });
}

export function json(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  res.end(JSON.stringify(body));
}
