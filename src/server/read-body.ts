import type { IncomingMessage } from 'node:http';

export class BodyError extends Error {
  override readonly name = 'BodyError';
  constructor(
    readonly status: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** What the headers tell of a body that cannot be taken. Throws BodyError before any of it is read. */
export function checkBodyHeaders(req: IncomingMessage, limit: number): void {
  const {
    'content-type': type = '',
    'content-encoding': encoding = 'identity',
    'content-length': length,
  } = req.headers;
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
  if (!/^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type.trim())) {
    throw new BodyError(415, 'The body is taken as application/json alone.');
  }
  if (encoding.trim().toLowerCase() !== 'identity') throw new BodyError(415, 'The body is taken uncompressed alone.');
}

/** A smaller body is parsed at once: 0.2 ms. */
const LARGE_BODY_BYTES = 100_000;

/**
 * The body as JSON; undefined if there is none. Throws BodyError; nothing past `limit` bytes is stored. A large body waits
 * for `takeTurn` before it is parsed.
 */
export async function readJsonBody(
  req: IncomingMessage,
  limit: number,
  takeTurn: () => Promise<void>,
): Promise<unknown> {
  const bytes = await readBody(req, limit);
  if (bytes.length === 0) return undefined;
  if (bytes.length > LARGE_BODY_BYTES) await takeTurn();
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new BodyError(400, 'The request body is not JSON.');
  }
}

function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        req.removeAllListeners('data');
        reject(tooLarge(limit));
        return;
      }
      chunks.push(chunk);
    });
    req.on('error', reject);
    req.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
  });
}

function tooLarge(limit: number): BodyError {
  return new BodyError(413, `The request body is larger than ${limit} bytes.`);
}
