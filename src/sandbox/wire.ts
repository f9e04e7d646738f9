import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, ApiError, badRequest } from './answers.js';

const MAX_BODY_BYTES = 4_000_000;

/** An answer as bytes: nothing that happens afterwards changes it. */
export interface Rendered {
  readonly status: number;
  readonly content: string | null;
  readonly headers: Readonly<Record<string, string>>;
}

export function render({ status, body, text, headers }: Answer): Rendered {
  if (text !== undefined) return { status, content: text, headers: { 'content-type': textType(text), ...headers } };
  if (body === undefined) return { status, content: null, headers: { ...headers } };
  const content = JSON.stringify(body);
  return { status, content, headers: { 'content-type': 'application/json; charset=utf-8', ...headers } };
}

export function send(res: ServerResponse, { status, content, headers }: Rendered): void {
  const length = content === null ? {} : { 'content-length': String(Buffer.byteLength(content)) };
  res.writeHead(status, { ...headers, ...length });
  res.end(content ?? undefined);
}

/** The whole body. Throws a Refusal for one that is too large, once all of it has been read and dropped. */
export async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new ApiError(413, 'request_entity_too_large', 'The request body is too large.');
  return Buffer.concat(chunks).toString('utf8');
}

/** Of a key that is there twice the last counts, which some clients rely on. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The request body is not valid JSON.');
  }
}

function textType(text: string): string {
  return text.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
}
