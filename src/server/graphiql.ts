import { createReadStream, existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** The root of the project, seen from the source or from its compiled copy in `dist`. */
const ROOT = ['../..', '../../..']
  .map((up) => join(import.meta.dirname, up))
  .find((up) => existsSync(join(up, 'package.json')));
/** Where `npm run build` puts the page. */
const DIRECTORY = join(ROOT ?? '.', 'public/graphiql');

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
};

/**
 * This server alone; no inline script. Inline styles must be allowed: the editor adds its theme and the rules of its
 * decorations as <style> elements, and writes style attributes into the lines that it renders. Fonts and cursors are data.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const UNREAD_MS = 20_000;

const NOT_BUILT = `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>arcadia-cloud</title>
<body style="font: 16px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1rem">
<h1 style="font-size: 1.4rem">GraphiQL is not built</h1>
<p>The API answers all the same: send operations to <code>POST /graphql</code> with a token.
To have this page, run <code>npm run build</code> and reload.</p>
</body></html>
`;

/** Answers a browser at `GET /graphql` and whatever asks below `/graphiql/`; false: the request is somebody else's. */
export function serveGraphiql(req: IncomingMessage, res: ServerResponse, directory = DIRECTORY): boolean {
  const path = (req.url ?? '').split('?', 1)[0] as string;
  const isRead = req.method === 'GET' || req.method === 'HEAD';
  if (path === '/graphql') {
    if (!isRead || !isBrowserVisit(req)) return false;
    answer(req, res, directory, 'index.html');
    return true;
  }
  if (path !== '/graphiql' && !path.startsWith('/graphiql/')) return false;
  const file = path.slice('/graphiql/'.length);
  if (!isRead) res.writeHead(405, { allow: 'GET, HEAD' }).end();
  else if (file === '' || file === 'index.html') res.writeHead(308, { location: '/graphql' }).end();
  else if (!isFileName(file)) notFound(res);
  else answer(req, res, directory, file);
  return true;
}

/** Somebody who opened the address, whatever query it carries. A client that takes JSON gets GraphQL over HTTP. */
function isBrowserVisit(req: IncomingMessage): boolean {
  const accept = req.headers.accept ?? '';
  return accept.includes('text/html') && !/json/.test(accept);
}

/** Plain names only: nothing that leads out of the directory, nothing hidden, nothing encoded. */
function isFileName(path: string): boolean {
  return /^(?:\w[\w-]*\/)*\w[\w-]*(?:\.\w[\w-]*)+$/.test(path);
}

function answer(req: IncomingMessage, res: ServerResponse, directory: string, file: string): void {
  // Who takes nothing of a file holds it open no longer.
  req.socket.setTimeout(UNREAD_MS);
  send(req, res, directory, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' || res.headersSent)
      res.destroy(error.code === 'ERR_STREAM_PREMATURE_CLOSE' ? undefined : error);
    else if (file === 'index.html')
      res.writeHead(503, { ...HEADERS, 'content-type': CONTENT_TYPES['.html'] }).end(NOT_BUILT);
    else notFound(res);
  });
}

async function send(req: IncomingMessage, res: ServerResponse, directory: string, file: string): Promise<void> {
  const contentType = CONTENT_TYPES[extname(file)];
  if (contentType === undefined) return notFound(res);
  const { handle, encoding } = await openBest(join(directory, file), String(req.headers['accept-encoding'] ?? ''));
  try {
    res.writeHead(200, {
      ...HEADERS,
      'content-type': contentType,
      'content-length': (await handle.stat()).size,
      // The build names assets after their content.
      'cache-control': file.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: file === 'index.html' ? 'accept, accept-encoding' : 'accept-encoding',
      ...(encoding && { 'content-encoding': encoding }),
    });
    if (req.method === 'HEAD') res.end();
    else await pipeline(createReadStream('', { fd: handle, autoClose: false }), res);
  } finally {
    await handle.close();
  }
}

/** The smallest form that the client takes; the build leaves .br and .gz beside what gains by it. */
async function openBest(path: string, accepted: string): Promise<{ handle: FileHandle; encoding: string | null }> {
  for (const [encoding, suffix] of [
    ['br', '.br'],
    ['gzip', '.gz'],
  ] as const) {
    if (!new RegExp(`\\b${encoding}\\b(?!;\\s*q=0(\\.0*)?\\s*(,|$))`).test(accepted)) continue;
    const handle = await open(path + suffix).catch(() => null);
    if (handle) return { handle, encoding };
  }
  return { handle: await open(path), encoding: null };
}

function notFound(res: ServerResponse): void {
  res.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is no such file.\n');
}
