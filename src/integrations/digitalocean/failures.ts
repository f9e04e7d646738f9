import { z } from 'zod';
import { ProviderError } from '../../errors.js';
import { askedDelayMs, isPassing } from './retry-timing.js';

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
export function refusal(answer: Answer, nowMs: number): ProviderError {
  const said = ErrorBody.safeParse(parseJson(answer.body)).data;
  const providerMessage = said?.message ? said.message.slice(0, 500) : null;
  const asked = askedDelayMs({ headers: answer.headers, status: answer.status, nowMs });
  const words = [String(answer.status), said?.id, providerMessage].filter(Boolean).join(' ');
  return new ProviderError(`DigitalOcean refused ${answer.endpoint}: ${words}`, {
    endpoint: answer.endpoint,
    status: answer.status,
    providerErrorId: said?.id?.toLowerCase() ?? null,
    providerMessage,
    requestId: said?.request_id ?? answer.headers.get('x-request-id'),
    retryable: isPassing(answer.status) || isBusy(answer.status, providerMessage),
    retryAfterSeconds: asked === null ? null : Math.ceil(asked / 1_000),
  });
}

/** No answer: the network failed or it took too long. */
export function silence(endpoint: string, why: string, cause: unknown): ProviderError {
  return new ProviderError(`DigitalOcean did not answer ${endpoint}: ${why}`, unanswered(endpoint, null), { cause });
}

/** Not even sent: the purpose's rate limit is used up for longer than we wait. */
export function exhausted(endpoint: string, waitMs: number): ProviderError {
  const seconds = Math.ceil(waitMs / 1_000);
  return new ProviderError(
    `${endpoint} was not sent: DigitalOcean's rate limit is used up for ${seconds} s`,
    unanswered(endpoint, seconds),
  );
}

/** An answer that we cannot read; `field` is where, as `droplets.3.region.slug`. */
export function surprise(
  answer: Omit<Answer, 'body'>,
  field: string,
  problem: string,
  retryable = false,
): ProviderError {
  return new ProviderError(`DigitalOcean's answer to ${answer.endpoint} cannot be read: ${field}: ${problem}`, {
    endpoint: answer.endpoint,
    status: answer.status,
    providerErrorId: null,
    providerMessage: null,
    requestId: answer.headers.get('x-request-id'),
    retryable,
  });
}

/** The answer as its schema reads it. */
export function decode<T>(schema: z.ZodType<T>, answer: Answer): T {
  const json = parseJson(answer.body);
  if (json === undefined) throw surprise(answer, 'body', 'it is not JSON', true); // a proxy's page
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw surprise(answer, issue?.path.join('.') || 'body', issue?.message ?? 'it has another shape');
}

/** 409, and 422 with this text, pass by themselves: another action on the same resource is running. */
function isBusy(status: number, message: string | null): boolean {
  return status === 409 || (status === 422 && message !== null && /pending event/i.test(message));
}

function unanswered(endpoint: string, retryAfterSeconds: number | null) {
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
