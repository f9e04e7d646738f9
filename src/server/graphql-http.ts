import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Logger } from 'pino';
import type { Viewer } from '../context.js';
import { RateLimitedError } from '../errors.js';
import type { RequestContext } from '../resolvers/request-context.js';
import { ByteBudget } from './byte-budget.js';
import { checkDocumentText } from './document-limits.js';
import type { DocumentStore } from './document-store.js';
import { toGraphQLError } from './errors.js';
import type { FairTurns } from './fair-turns.js';
import { MAX_BATCH, MAX_BODY_BYTES } from './limits.js';
import { BodyError, checkBodyHeaders, readJsonBody } from './read-body.js';

/** A client that sends on after its answer is listened to for so many bytes, so that it gets to read that answer. */
const MAX_DRAINED_BYTES = 256_000;
/** A client that takes nothing of its answer for so long is cut off. */
const UNREAD_MS = 20_000;
/** Bodies of requests that are being received or answered. */
const MAX_TENANT_BODY_BYTES = 16_000_000;
const MAX_PROCESS_BODY_BYTES = 96_000_000;

export interface GraphqlGate {
  /** Who asks, by the headers alone. Throws UnauthenticatedError or RateLimitedError. */
  admit(req: IncomingMessage): Viewer;
  /** Throws what is to be answered as a GraphQL error. */
  createContext(viewer: Viewer, operations: number, res: ServerResponse): Promise<RequestContext>;
}

/**
 * Apollo on node:http; a framework between them costs more than the query (see `npm run bench`). Nothing of a body is
 * read before the headers identify the caller and the media type.
 */
export function createGraphqlHandler(
  apollo: ApolloServer<RequestContext>,
  gate: GraphqlGate,
  documents: DocumentStore,
  turns: FairTurns,
  log: Logger,
) {
  const bodies = new ByteBudget({ perOwner: MAX_TENANT_BODY_BYTES, perProcess: MAX_PROCESS_BODY_BYTES });
  return async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let release = () => {};
    try {
      const viewer = gate.admit(req);
      const hasBody = req.method !== 'GET' && req.method !== 'HEAD';
      if (hasBody) release = reserveBody(req, viewer, bodies);
      const body = hasBody ? await receiveBody(req, res, () => turns.take(viewer.tenantId)) : undefined;
      const operations = Array.isArray(body) ? body.length : 1;
      if (operations > MAX_BATCH) throw new BodyError(400, `A batch holds at most ${MAX_BATCH} operations.`);
      const isNew = checkNewDocuments(documents, body, searchOf(req));
      const answer = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: { method: req.method ?? 'POST', headers: headersOf(req), search: searchOf(req), body },
        context: async () => {
          const context = await gate.createContext(viewer, operations, res);
          // Apollo parses and validates next.
          if (isNew) await turns.take(viewer.tenantId);
          return context;
        },
      });
      for (const [name, value] of answer.headers) res.setHeader(name, value);
      res.statusCode = answer.status ?? 200;
      req.socket.setTimeout(UNREAD_MS);
      if (answer.body.kind === 'complete') {
        res.setHeader('content-length', Buffer.byteLength(answer.body.string));
        res.end(answer.body.string);
        return;
      }
      for await (const chunk of answer.body.asyncIterator) res.write(chunk);
      res.end();
    } catch (error) {
      reject(req, res, error, log);
    } finally {
      release();
    }
  };
}

/** Whether a document has to be parsed. Throws QueryTooComplexError, for a batch as a whole. */
function checkNewDocuments(documents: DocumentStore, body: unknown, search: string): boolean {
  let isNew = false;
  const requests: unknown[] = Array.isArray(body) ? [...body] : [body];
  if (search !== '') requests.push({ query: new URLSearchParams(search).get('query') });
  for (const request of requests) {
    const query = (request as { query?: unknown } | null | undefined)?.query;
    if (typeof query !== 'string' || documents.find(query)) continue;
    checkDocumentText(query);
    isNew = true;
  }
  return isNew;
}

/** Reserves the declared length, which node:http enforces; MAX_BODY_BYTES if the headers declare none. */
function reserveBody(req: IncomingMessage, { tenantId }: Viewer, bodies: ByteBudget): () => void {
  checkBodyHeaders(req, MAX_BODY_BYTES);
  const bytes = Number(req.headers['content-length'] ?? MAX_BODY_BYTES);
  if (!bodies.reserve(tenantId, bytes)) throw new RateLimitedError(1);
  return () => bodies.release(tenantId, bytes);
}

function receiveBody(req: IncomingMessage, res: ServerResponse, takeTurn: () => Promise<void>): Promise<unknown> {
  if (req.headers.expect !== undefined) res.writeContinue();
  return readJsonBody(req, MAX_BODY_BYTES, takeTurn);
}

/** Answers without the GraphQL layer, in its form. What is still on its way of the body is thrown away unread. */
function reject(req: IncomingMessage, res: ServerResponse, error: unknown, log: Logger): void {
  // The caller went away in the middle of its request.
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET' && req.socket.destroyed) return;
  if (res.headersSent) {
    log.error({ err: error }, 'request failed');
    res.destroy();
    return;
  }
  const { status, headers, body } = answerTo(error, log);
  const text = JSON.stringify({ errors: [body] });
  res.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  drain(req);
  res.end(text);
}

function answerTo(error: unknown, log: Logger) {
  if (error instanceof BodyError) {
    return { status: error.status, headers: {}, body: { message: error.message, extensions: { code: 'BAD_REQUEST' } } };
  }
  const shown = toGraphQLError(error);
  if (shown instanceof GraphQLError) {
    const { http, ...extensions } = shown.extensions as { http?: { status: number; headers: Map<string, string> } };
    const headers = Object.fromEntries(http?.headers ?? []);
    return { status: http?.status ?? 500, headers, body: { message: shown.message, extensions } };
  }
  log.error({ err: error }, 'request failed');
  const body = { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  return { status: 500, headers: {}, body };
}

function drain(req: IncomingMessage): void {
  let left = MAX_DRAINED_BYTES;
  req.removeAllListeners('data');
  req.on('error', () => undefined);
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.socket.destroy();
  });
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
