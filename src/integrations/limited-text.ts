/** An answer that is larger than its reader takes. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
  constructor(maxBytes: number) {
    super(`the answer is larger than ${maxBytes} bytes`);
  }
}

/** The body as text. Past `maxBytes` it stops reading, ends the connection and throws TooLargeError. */
export async function limitedText(response: Response, maxBytes: number): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {}); // it is given up anyway
      throw new TooLargeError(maxBytes);
    }
    chunks.push(value);
  }
}
