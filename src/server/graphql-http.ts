import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { Logger } from 'pino';
import type { RequestContext } from '../resolvers/request-context.js';
import { MAX_BATCH, MAX_BODY_BYTES } from './limits.js';
import { BodyError, readJsonBody } from './read-body.js';

export type CreateContext = (req: IncomingMessage, operations: number) => Promise<RequestContext>;

/** Apollo on node:http; a framework between them costs more than the query (see `npm run bench`). */
export function createGraphqlHandler(apollo: ApolloServer<RequestContext>, createContext: CreateContext, log: Logger) {
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    try {
      const body = await readJsonBody(req, MAX_BODY_BYTES);
      const operations = Array.isArray(body) ? body.length : 1;
      if (operations > MAX_BATCH) throw new BodyError(400, `A batch holds at most ${MAX_BATCH} operations.`);
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: req.method ?? 'POST', headers: headersOf(req), search: searchOf(req), body },
        context: () => createContext(req, operations),
      });
      for (const [name, value] of answer.headers) res.setHeader(name, value);
      res.statusCode = answer.status ?? 200;
      if (answer.body.kind === 'complete') {
        res.setHeader('content-length', Buffer.byteLength(answer.body.string));
        res.end(answer.body.string);
        return;
      }
      for await (const chunk of answer.body.asyncIterator) res.write(chunk);
      res.end();
    } catch (error) {
      refuse(res, error, log);
    }
  };
}

function refuse(res: ServerResponse, error: unknown, log: Logger): void {
  if (!(error instanceof BodyError)) log.error({ err: error }, 'request failed');
  if (res.headersSent) {
    res.destroy();
    return;
  }
  const [status, message, code] =
    error instanceof BodyError
      ? [error.status, error.message, 'BAD_REQUEST']
      : [500, 'Something went wrong on our side.', 'INTERNAL_SERVER_ERROR'];
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  res.end(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

function headersOf(req: IncomingMessage): HeaderMap {
  const headers = new HeaderMap();
  for (const name in req.headers) {
    const value = req.headers[name];
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return headers;
}

function searchOf(req: IncomingMessage): string {
  const url = req.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? '' : url.slice(query);
}
