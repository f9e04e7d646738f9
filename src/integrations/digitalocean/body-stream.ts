import { Readable } from 'node:stream';
import { silence } from './failures.js';

/** A body that is still arriving. */
export interface StreamSource {
  readonly body: Response['body'];
  readonly signal: AbortSignal | undefined;
  close(): void;
}

/** The body as a stream that ends with a ProviderError where it breaks off or falls silent. */
export function readStream(source: StreamSource, endpoint: string, silenceMs: number): Readable {
  return Readable.from(chunks(source, endpoint, silenceMs), { objectMode: false });
}

async function* chunks({ body, signal, close }: StreamSource, endpoint: string, silenceMs: number) {
  try {
    if (body === null) return;
    const reader = body.getReader();
    for (;;) {
      const next = await within(silenceMs, reader.read(), close).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw silence(endpoint, 'the answer broke off', error);
      });
      if (next.done) return;
      yield next.value as Uint8Array;
    }
  } finally {
    close();
  }
}

async function within<T>(ms: number, promise: Promise<T>, giveUp: () => void): Promise<T> {
  const timer = setTimeout(giveUp, ms);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
