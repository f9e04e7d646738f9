import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import ky from 'ky';
import type { z } from 'zod';
import { withoutCredentials } from '../../core/text/redact.js';
import { ConfigError } from '../../errors.js';
import { readStream } from './body-stream.js';
import { Budget } from './budget.js';
import { decode, errorResponse, noResponse, rateLimitExhausted, unexpectedResponse } from './failures.js';
import { createAgent } from './guarded-fetch.js';
import { mayRetry, RETRY_LIMITS, type RetryLimits, retryDelayMs } from './retry-timing.js';
import type { Route } from './route.js';
import { type Reply, sendOnce } from './send-once.js';

export type Purpose = 'sync' | 'billing' | 'provisioning';
export type Query = Readonly<Record<string, string | number | undefined>>;

export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** One try of one request, as metrics count it. */
export interface RequestEvent {
  readonly purpose: Purpose;
  readonly method: string;
  /** The path with its variable parts blanked: few values, however many resources. */
  readonly endpoint: string;
  /** Null where no answer came. */
  readonly status: number | null;
  readonly ms: number;
}

export interface TransportOptions {
  readonly purpose: Purpose;
  /** Without `/v2`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly log?: { warn(fields: object, message: string): void; debug(fields: object, message: string): void };
  readonly clock?: () => Date;
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  readonly onRequest?: (seen: RequestEvent) => void;
  /** For one try, its body included; of a stream, for each pause in it. Default: 25 s. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryLimits>;
}

export interface Call extends CallOptions {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly route: Route;
  readonly query?: Query;
  readonly body?: unknown;
  /** Whether doing it twice is doing it once. Of a POST it is only believed when said. */
  readonly idempotent?: boolean;
  /** Right before each try; where it throws nothing is sent, and that is what the call throws. */
  readonly beforeTry?: () => Promise<void>;
  /** The last word, in the same breath as the request is sent; it throws like `beforeTry`. */
  readonly beforeSend?: () => void;
}

export interface Transport {
  json<T>(call: Call, schema: z.ZodType<T>): Promise<T>;
  /** For answers without a body that we read. */
  done(call: Call): Promise<void>;
  stream(call: Call): Promise<Readable>;
}

export type Guard = Required<Pick<Call, 'beforeTry' | 'beforeSend' | 'signal'>>;

/** The same transport for one caller: with its signal, and with its say before each try. */
export function guarded(transport: Transport, guard: Guard): Transport {
  return {
    json: (call, schema) => transport.json({ ...call, ...guard }, schema),
    done: (call) => transport.done({ ...call, ...guard }),
    stream: (call) => transport.stream({ ...call, ...guard }),
  };
}

/** Less than the 30 s in which work continues after a connection is silently lost. */
const DEFAULT_TIMEOUT_MS = 25_000;

/** Sends one purpose's requests: its token, its rate limit, its retries. */
export function createTransport(options: TransportOptions): Transport {
  const { purpose, token, log, onRequest } = options;
  // A bad header value would be quoted whole in the error that fetch throws.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new ConfigError(`DigitalOcean's ${purpose} token has forbidden characters`);
  const base = withoutCredentials(options.baseUrl).replace(/\/+$/, '');
  const clock = options.clock ?? (() => new Date());
  const sleep = options.sleep ?? sleepFor;
  const random = options.random ?? Math.random;
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const limits = { ...RETRY_LIMITS, ...options.retry };
  const budget = new Budget();
  const agent = createAgent();
  const nowMs = () => clock().getTime();
  const http = ky.create({
    headers: { authorization: `Bearer ${token}` },
    redirect: 'manual', // a redirect could lead the token elsewhere
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
  });

  /** Waits for the budget: never longer than the limit at once, nor twice as long behind others that wait too. */
  async function admit(endpoint: string, signal: AbortSignal | undefined): Promise<void> {
    const untilMs = nowMs() + 2 * limits.maxWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const decision = budget.take(nowMs());
      if (decision.send) return;
      const tooLong = decision.waitMs > limits.maxWaitMs || nowMs() + decision.waitMs > untilMs;
      if (tooLong) throw rateLimitExhausted(endpoint, decision.waitMs);
      log?.debug({ purpose, endpoint, waitMs: decision.waitMs }, 'waiting for the rate limit');
      await sleep(decision.waitMs, signal);
    }
  }

  async function attempt(call: Call, endpoint: string, streamed: boolean): Promise<Reply> {
    await admit(endpoint, call.signal);
    await call.beforeTry?.().catch((error) => {
      budget.answered(null, nowMs());
      throw error;
    });
    const startedMs = performance.now();
    let reply: Reply | null = null;
    try {
      reply = await sendOnce(http, { agent, url: toUrl(base, call), call, streamed, timeoutMs });
      return reply;
    } finally {
      const status = reply?.status ?? null;
      budget.answered(reply?.headers ?? null, nowMs());
      onRequest?.({
        purpose,
        method: call.method,
        endpoint: call.route.template,
        status,
        ms: performance.now() - startedMs,
      });
      log?.debug({ purpose, endpoint, status }, 'asked DigitalOcean');
    }
  }

  /** Tries until an answer is a success; whatever else remains is a ProviderError. */
  async function exchange(call: Call, streamed: boolean) {
    const endpoint = `${call.method} ${call.route.path}`;
    const idempotent = call.idempotent ?? call.method !== 'POST';
    for (let tries = 1; ; tries++) {
      const reply = await attempt(call, endpoint, streamed);
      if (reply.kind === 'success') return { ...reply, endpoint };
      if (reply.kind === 'too_large') throw unexpectedResponse({ ...reply, endpoint }, 'body', reply.why);

      const failed = { status: reply.status, headers: reply.headers, mayHaveActed: reply.mayHaveActed };
      const waitMs = retryDelayMs({ ...failed, attempt: tries, nowMs: nowMs(), random: random() }, limits);
      if (reply.status === 429) budget.pause(waitMs, nowMs());
      const failure =
        reply.kind === 'refused'
          ? errorResponse({ ...reply, endpoint }, nowMs())
          : noResponse(endpoint, reply.why, reply.cause);
      const again = mayRetry(failed, idempotent) && tries < limits.attempts && waitMs <= limits.maxWaitMs;
      if (!again) throw failure;
      log?.warn({ purpose, endpoint, status: reply.status, tries, waitMs }, 'DigitalOcean failed; trying again');
      await sleep(waitMs, call.signal);
    }
  }

  return {
    async json(call, schema) {
      const answer = await exchange(call, false);
      return decode(schema, answer, () =>
        log?.warn({ purpose, endpoint: answer.endpoint }, 'DigitalOcean sent text that no column can keep; replaced'),
      );
    },
    async done(call) {
      await exchange(call, false);
    },
    async stream(call) {
      const { source, endpoint } = await exchange(call, true);
      return source ? readStream(source, endpoint, timeoutMs) : Readable.from([]);
    },
  };
}

function toUrl(base: string, call: Call): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(call.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return `${base}${call.route.path}${query.size > 0 ? `?${query}` : ''}`;
}

async function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted(); // with the reason that the caller gave
    throw error;
  }
}
