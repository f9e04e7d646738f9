import { z } from 'zod';
import { redacted } from '../../core/text/redact.js';
import { storable } from '../../core/text/storable-text.js';
import { ProviderError } from '../../errors.js';
import { isTransient, requestedDelayMs } from './retry-timing.js';

const MAX_MESSAGE_LENGTH = 500;

/** What is known of an answer that was not what we asked for. */
export interface Answer {
  readonly endpoint: string;
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  readonly body: string;
}

const ErrorBody = z.object({
  id: z.string().nullish().catch(null),
  message: z.string().nullish().catch(null),
  request_id: z.string().nullish().catch(null),
});

/** A status that is no success. The body may be JSON, HTML or nothing. */
export function errorResponse(answer: Answer, nowMs: number): ProviderError {
  const said = ErrorBody.safeParse(parseJson(answer.body)).data;
  const providerMessage = said?.message ? redacted(said.message, MAX_MESSAGE_LENGTH) : null;
  const id = said?.id && /^[A-Za-z0-9_.-]{1,64}$/.test(said.id) ? said.id : null;
  const requested = requestedDelayMs({ headers: answer.headers, status: answer.status, nowMs });
  const words = [String(answer.status), id, providerMessage].filter(Boolean).join(' ');
  return new ProviderError(`DigitalOcean rejected ${answer.endpoint}: ${words}`, {
    endpoint: answer.endpoint,
    status: answer.status,
    providerErrorId: id?.toLowerCase() ?? null,
    providerMessage,
    requestId: requestIdOf(said?.request_id ?? answer.headers.get('x-request-id')),
    retryable: isTransient(answer.status) || isBusy(answer.status, providerMessage),
    retryAfterSeconds: requested === null ? null : Math.ceil(requested / 1_000),
  });
}

/** No answer: the network failed or it took too long. */
export function noResponse(endpoint: string, why: string, cause: unknown): ProviderError {
  return new ProviderError(
    `DigitalOcean did not answer ${endpoint}: ${redacted(why, 200)}`,
    withoutResponse(endpoint, null),
    { cause },
  );
}

/** Not even sent: the purpose's rate limit is used up for longer than we wait. */
export function rateLimitExhausted(endpoint: string, waitMs: number): ProviderError {
  const seconds = Math.ceil(waitMs / 1_000);
  return new ProviderError(
    `${endpoint} was not sent: DigitalOcean's rate limit is used up for ${seconds} s`,
    withoutResponse(endpoint, seconds),
  );
}

/** An answer that we cannot read; `field` is where, as `droplets.3.region.slug`. */
export function unexpectedResponse(
  answer: Omit<Answer, 'body'>,
  field: string,
  problem: string,
  retryable = false,
): ProviderError {
  return new ProviderError(
    `DigitalOcean's answer to ${answer.endpoint} cannot be read: ${redacted(field, 200)}: ${redacted(problem, 200)}`,
    {
      endpoint: answer.endpoint,
      status: answer.status,
      providerErrorId: null,
      providerMessage: null,
      requestId: requestIdOf(answer.headers.get('x-request-id')),
      retryable,
    },
  );
}

/** JSON can write what no column can keep: NUL, and halves of surrogate pairs. */
const MAYBE_UNSTORABLE = /\\u(?:0000|d[89a-f])/i;

/**
 * The answer as its schema reads it. One text that no column can keep must not fail all the others: it is replaced, and
 * `onReplaced` hears of it.
 */
export function decode<T>(schema: z.ZodType<T>, answer: Answer, onReplaced: () => void = () => {}): T {
  const given = parseJson(answer.body);
  const json = MAYBE_UNSTORABLE.test(answer.body) ? storable(given) : given;
  if (json !== given && JSON.stringify(json) !== JSON.stringify(given)) onReplaced();
  if (json === undefined) throw unexpectedResponse(answer, 'body', 'it is not JSON', true); // a proxy's page
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw unexpectedResponse(answer, issue?.path.join('.') || 'body', issue?.message ?? 'it has another shape');
}

function requestIdOf(text: string | null | undefined): string | null {
  return text ? redacted(text, 100) : null;
}

/** 409, and 422 with this text, pass by themselves: another action on the same resource is running. */
function isBusy(status: number, message: string | null): boolean {
  return status === 409 || (status === 422 && message !== null && /pending event/i.test(message));
}

function withoutResponse(endpoint: string, retryAfterSeconds: number | null) {
  return {
    endpoint,
    status: null,
    providerErrorId: null,
    providerMessage: null,
    requestId: null,
    retryable: true,
    retryAfterSeconds,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // what JSON itself can never say
  }
}
