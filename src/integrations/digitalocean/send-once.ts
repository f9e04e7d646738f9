import type { KyInstance } from 'ky';
import type { Agent } from 'undici';
import { limitedText, TooLargeError } from '../limited-text.js';
import type { StreamSource } from './body-stream.js';
import { guardedFetch } from './guarded-fetch.js';
import type { Call } from './transport.js';

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly mayHaveActed: boolean;
  readonly body: string;
}

/** The largest page of the largest list is a small part of this. */
const MAX_ANSWER_BYTES = 20_000_000;

/** What one try came to. A success that is streamed has its body in `source`. */
export type Reply =
  | (Answered & { readonly kind: 'success'; readonly source: StreamSource | null })
  | (Answered & { readonly kind: 'refused' })
  /** Cut off: larger than any answer that we know. */
  | (Answered & { readonly kind: 'too_large'; readonly why: string })
  | {
      readonly kind: 'silent';
      readonly status: null;
      readonly headers: null;
      readonly mayHaveActed: boolean;
      readonly why: string;
      readonly cause: unknown;
    };

export interface Attempt {
  readonly agent: Agent;
  readonly url: string;
  readonly call: Call;
  readonly streamed: boolean;
  readonly timeoutMs: number;
}

/** Sends one request once. Throws only what the caller's own signal or its last word says. */
export async function sendOnce(http: KyInstance, { agent, url, call, streamed, timeoutMs }: Attempt): Promise<Reply> {
  call.signal?.throwIfAborted();
  const controller = new AbortController();
  const stop = () => controller.abort();
  const release = () => call.signal?.removeEventListener('abort', stopSoon);
  const close = () => {
    release();
    stop();
  };
  // In a microtask: `beforeSend` may abort the signal from within undici's fetch, which must not be aborted there.
  const stopSoon = () => queueMicrotask(stop);
  call.signal?.addEventListener('abort', stopSoon, { once: true });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop();
  }, timeoutMs);
  let source: StreamSource | null = null;
  let forbidden: { readonly by: unknown } | null = null;
  const check = () => {
    try {
      call.beforeSend?.();
    } catch (by) {
      forbidden = { by };
      throw by;
    }
  };
  const fetch = guardedFetch(agent, call.beforeSend && check);
  let answered: { status: number; headers: Headers } | null = null;
  try {
    const response = await http(url, { ...requestOf(call), fetch, signal: controller.signal });
    const { status, headers } = response;
    answered = { status, headers };
    if (response.ok && streamed) {
      source = { body: response.body, signal: call.signal, close };
      return { kind: 'success', status, headers, mayHaveActed: true, body: '', source };
    }
    const body = await limitedText(response, MAX_ANSWER_BYTES);
    if (response.ok) return { kind: 'success', status, headers, mayHaveActed: true, body, source };
    return { kind: 'refused', status, headers, mayHaveActed: status >= 500, body };
  } catch (cause) {
    if (forbidden !== null) throw (forbidden as { readonly by: unknown }).by;
    call.signal?.throwIfAborted();
    if (cause instanceof TooLargeError && answered) {
      return { kind: 'too_large', ...answered, mayHaveActed: true, body: '', why: cause.message };
    }
    const why = timedOut ? `nothing within ${timeoutMs / 1_000} s` : (codeOf(cause) ?? String(cause));
    return { kind: 'silent', status: null, headers: null, mayHaveActed: !neverSent(cause), why, cause };
  } finally {
    clearTimeout(timer);
    if (source === null) release();
  }
}

function requestOf({ method, body }: Call) {
  if (body === undefined) return { method };
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** No connection was made, so the provider saw nothing. */
function neverSent(error: unknown): boolean {
  return NEVER_CONNECTED.has(codeOf(error) ?? '');
}

const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** fetch says "fetch failed" and keeps the reason in `cause`. */
function codeOf(error: unknown): string | null {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : null;
}
