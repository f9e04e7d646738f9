import { unwrapResolverError } from '@apollo/server/errors';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Logger } from 'pino';
import {
  BadUserInputError,
  DomainError,
  type ErrorCode,
  OperationTimeoutError,
  QueryTooComplexError,
  RateLimitedError,
  TooManyOperationsError,
  UnauthenticatedError,
} from '../errors.js';

const MAX_MESSAGE_LENGTH = 1_000;

/** Codes of the GraphQL layer itself that say what is wrong with the request, so that the caller may see them. */
const PASSED_THROUGH_CODES: ReadonlySet<unknown> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'QUERY_TOO_COMPLEX',
  'UNAUTHENTICATED',
  'RATE_LIMITED',
]);

/**
 * What a caller sees of an error: a domain error's code and details, what the GraphQL layer found wrong with the request,
 * and of everything else a request id that the log has too.
 */
export function toFormattedError(
  formatted: GraphQLFormattedError,
  thrown: unknown,
  requestId: string,
  log: Logger,
): GraphQLFormattedError {
  const cause = causeOf(thrown);
  const { path, locations } = formatted;
  const message = shorten(formatted.message);
  const where = { ...(locations ? { locations } : {}), ...(path ? { path } : {}) };
  if (cause instanceof DomainError) {
    return { message: cause.message, ...where, extensions: { code: cause.code, ...cause.details } };
  }
  if (isStatementTimeout(cause)) {
    return {
      message: 'A part of the answer took too long to read.',
      ...where,
      extensions: { code: 'OPERATION_TIMEOUT' },
    };
  }
  const code = formatted.extensions?.['code'];
  const request = requestError(message, code, path, cause instanceof GraphQLError);
  if (request) return { message, ...where, extensions: request };
  log.error({ err: cause, requestId, path }, 'request failed');
  return {
    message: `Something went wrong on our side; quote request ${requestId}.`,
    ...where,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  };
}

/** graphql-js repeats a bad value in its message, however long it is. */
function shorten(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH)} …`;
}

/** Postgres cancelled the statement at its time limit. */
function isStatementTimeout(cause: unknown): boolean {
  return cause instanceof Error && (cause as Error & { code?: unknown }).code === '57014';
}

/** What was really thrown, beneath the wrappings of the GraphQL layer. */
function causeOf(thrown: unknown): unknown {
  const unwrapped = unwrapResolverError(thrown);
  return unwrapped instanceof GraphQLError && unwrapped.originalError ? causeOf(unwrapped.originalError) : unwrapped;
}

function requestError(
  message: string,
  code: unknown,
  path: GraphQLFormattedError['path'],
  isOfGraphql: boolean,
): Record<string, unknown> | null {
  const isVariable = /^(Variable "\$|Too many errors processing variables)/.test(message);
  const isInput = (isVariable && path === undefined) || (isOfGraphql && /^Argument "/.test(message));
  if (code === 'BAD_USER_INPUT' || isInput) {
    return { code: 'BAD_USER_INPUT', fields: [{ path: inputPath(message), message }] };
  }
  return PASSED_THROUGH_CODES.has(code) ? { code } : null;
}

/** graphql-js says where in a variable a value is wrong only in its message. */
function inputPath(message: string): string {
  const variable = /^(?:Variable "\$|Argument ")(\w+)"/.exec(message)?.[1];
  const inside = / at "([^"]+)"/.exec(message)?.[1];
  return inside ?? variable ?? '';
}

/** A domain error outside a resolver (context, limits) with the status that HTTP callers look at. */
export function toGraphQLError(error: unknown): unknown {
  if (!(error instanceof DomainError)) return error;
  const status = statusOf(error);
  const headers = new Map<string, string>();
  if (error instanceof RateLimitedError || error instanceof TooManyOperationsError)
    headers.set('retry-after', String(error.retryAfterSeconds));
  if (error instanceof UnauthenticatedError) headers.set('www-authenticate', 'Bearer');
  return new GraphQLError(error.message, {
    extensions: { code: error.code, ...error.details, http: { status, headers } },
    originalError: error,
  });
}

function statusOf(error: DomainError): number {
  if (error instanceof UnauthenticatedError) return 401;
  if (error instanceof RateLimitedError || error instanceof TooManyOperationsError) return 429;
  if (error instanceof OperationTimeoutError) return 503;
  return error instanceof BadUserInputError || error instanceof QueryTooComplexError ? 400 : 403;
}
