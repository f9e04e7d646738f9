import { createServer, type Server } from 'node:http';

/** Headers must be whole within this time of the connection, or of the request before. */
const HEADERS_MS = 10_000;
/** A whole request, body included: 2 MB over a slow line. */
const REQUEST_MS = 30_000;
const IDLE_MS = 5_000;
/** How often the two limits above are looked at. */
const CHECK_MS = 1_000;
const MAX_HEADER_BYTES = 16_384;
const MAX_CONNECTIONS = 20_000;

/** An HTTP server on which silent and slow connections end soon. */
export function createHttpServer(): Server {
  const server = createServer({
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = MAX_CONNECTIONS;
  return server;
}
