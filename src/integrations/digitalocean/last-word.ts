import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** Tells our own requests apart where they are written; it means nothing to the provider. */
const HEADER = 'x-client-try';
const pending = new Map<string, () => boolean>();
let tries = 0;

/**
 * Asks `mayGo` once more right before the first byte of a request is written: between `fetch` and that byte lies the
 * making of a connection, in which a process may be stopped for any time. What may not go never leaves, and its
 * connection is closed. Answers the header by which the request is known there, and what to call once it is over.
 */
export function askAtFirstByte(mayGo: () => boolean): {
  readonly header: Record<string, string>;
  readonly over: () => void;
} {
  const id = String(++tries);
  pending.set(id, mayGo);
  return { header: { [HEADER]: id }, over: () => pending.delete(id) };
}

// Node's fetch lets nobody in between but by the channel on which its HTTP client tells what it is about to write.
subscribe('undici:client:sendHeaders', (message) => {
  const { headers, socket } = message as { readonly headers: string; readonly socket: Socket };
  const id = new RegExp(`^${HEADER}: (\\d+)\\r?$`, 'm').exec(headers)?.[1];
  if (id !== undefined && pending.get(id)?.() === false) socket.destroy();
});
