import { Readable } from 'node:stream';
import { noResponse } from './failures.js';

/** A body that is still arriving. */
export interface StreamSource {
  readonly body: Response['body'];
  readonly signal: AbortSignal | undefined;
  /** Ends the connection, and with it a read that is waiting. */
  close(): void;
}

/** The body as a stream; where it breaks off or falls silent it fails with a ProviderError. */
export function readStream({ body, signal, close }: StreamSource, endpoint: string, silenceMs: number): Readable {
  const reader = body?.getReader();
  return new Readable({
    async read() {
      const timer = setTimeout(close, silenceMs);
      try {
        const next = await reader?.read();
        this.push(next?.done === false ? next.value : null);
      } catch (cause) {
        this.destroy(signal?.aborted ? signal.reason : noResponse(endpoint, 'the answer broke off', cause));
      } finally {
        clearTimeout(timer);
      }
    },
    destroy(error, callback) {
      close();
      callback(error);
    },
  });
}
