/** Every code that an error of the API can have, in `extensions.code`, with what it means to the caller. */
export const ERROR_CODES = {
  BAD_REQUEST: 'The HTTP request is not a GraphQL request, or a subscription came over HTTP. Correct the request.',
  BAD_USER_INPUT: 'An argument has a value that is not allowed; `fields` lists each path with its problem.',
  CONFLICT: 'The present state does not allow the change. `fields` names the arguments that conflict, if any do.',
  CURSOR_LOST:
    'The database lost the events around the cursor. Read the present state, then subscribe after `resumeAfter`.',
  FORBIDDEN: "The viewer's roles do not allow this.",
  GRAPHQL_PARSE_FAILED: 'The document is not valid GraphQL syntax.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  INTERNAL_SERVER_ERROR: 'A fault of the server. Quote `requestId`, which the log has too.',
  INVALID_TRANSITION: 'The state cannot change from `from` to `to`; `allowed` lists the states that it can change to.',
  NOT_FOUND: 'There is no such row, or the viewer may not see it.',
  OPERATION_RESOLUTION_FAILURE: 'The document has no operation, or several and `operationName` names none of them.',
  OPERATION_TIMEOUT:
    'The operation took too long. A mutation may still be carried out: check before you send it again.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'The request has the hash of a query without its text. Send the text.',
  PROVIDER_ERROR:
    'The cloud provider rejected the request, failed, or did not respond; `endpoint` and `status` say to what and how.',
  QUERY_TOO_COMPLEX: 'The operation selects more than is allowed. Select less, or request smaller pages.',
  RATE_LIMITED: 'Too many requests. Try again after `retryAfterSeconds`.',
  STREAM_UNAVAILABLE: 'The server cannot serve live streams now. Subscribe again later.',
  TOO_MANY_OPERATIONS: "Too many operations of the viewer's tenant are waiting. Try again after `retryAfterSeconds`.",
  UNAUTHENTICATED: 'The request has no token, or one that does not verify.',
} as const;
export type ErrorCode = keyof typeof ERROR_CODES;

/**
 * An operation as a whole cannot be done, and the caller may be told why. Anything else that is thrown is a bug and
 * reaches the caller as INTERNAL_SERVER_ERROR with a request id. Outcomes that are all normal are returned, not thrown.
 */
export abstract class DomainError extends Error {
  abstract readonly code: ErrorCode;
  /** What the caller may see beside the message; becomes `extensions`. */
  get details(): Record<string, unknown> {
    return {};
  }
}

/** No token, or one that does not verify. */
export class UnauthenticatedError extends DomainError {
  override readonly name = 'UnauthenticatedError';
  readonly code = 'UNAUTHENTICATED';
}

/** The viewer's roles do not allow this at all. Another tenant's row is NotFoundError instead. */
export class ForbiddenError extends DomainError {
  override readonly name = 'ForbiddenError';
  readonly code = 'FORBIDDEN';
}

export class NotFoundError extends DomainError {
  override readonly name = 'NotFoundError';
  readonly code = 'NOT_FOUND';
  constructor(what: string, id: string) {
    super(`There is no ${what} ${id}.`);
  }
}

/** Which input is wrong: `path` is the argument path, as `input.addons.0`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

export class BadUserInputError extends DomainError {
  override readonly name = 'BadUserInputError';
  readonly code = 'BAD_USER_INPUT';
  constructor(readonly fields: readonly FieldProblem[]) {
    super(fields.map((field) => `${field.path}: ${field.message}`).join('; '));
  }
  static at(path: string, message: string): BadUserInputError {
    return new BadUserInputError([{ path, message }]);
  }
  override get details() {
    return { fields: this.fields };
  }
}

/** The request is well formed but the present state does not allow it. */
export class ConflictError extends DomainError {
  override readonly name = 'ConflictError';
  readonly code = 'CONFLICT';
  /** The inputs that conflict with the present state, if any is to blame. */
  constructor(
    message: string,
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message);
  }
  static at(path: string, message: string): ConflictError {
    return new ConflictError(`${path}: ${message}`, [{ path, message }]);
  }
  override get details(): Record<string, unknown> {
    return this.fields.length > 0 ? { fields: this.fields } : {};
  }
}

export class InvalidTransitionError extends DomainError {
  override readonly name = 'InvalidTransitionError';
  readonly code = 'INVALID_TRANSITION';
  constructor(
    readonly from: string,
    readonly to: string,
    readonly allowed: readonly string[],
  ) {
    super(`${from} cannot become ${to}; it can become ${allowed.length > 0 ? allowed.join(', ') : 'nothing else'}.`);
  }
  /** States by their names in the API. */
  override get details() {
    const inApi = (state: string) => state.toUpperCase();
    return { from: inApi(this.from), to: inApi(this.to), allowed: this.allowed.map(inApi) };
  }
}

export class RateLimitedError extends DomainError {
  override readonly name = 'RateLimitedError';
  readonly code = 'RATE_LIMITED';
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many requests; try again in ${retryAfterSeconds} s.`);
  }
  override get details() {
    return { retryAfterSeconds: this.retryAfterSeconds };
  }
}

/** The caller's tenant has as many operations waiting as it may. */
export class TooManyOperationsError extends DomainError {
  override readonly name = 'TooManyOperationsError';
  readonly code = 'TOO_MANY_OPERATIONS';
  constructor(readonly retryAfterSeconds: number) {
    super(`Too many operations of this tenant are waiting; try again in ${retryAfterSeconds} s.`);
  }
  override get details() {
    return { retryAfterSeconds: this.retryAfterSeconds };
  }
}

/** The operation took longer than any may, waiting included. */
export class OperationTimeoutError extends DomainError {
  override readonly name = 'OperationTimeoutError';
  readonly code = 'OPERATION_TIMEOUT';
  constructor(type: string, timeoutMs: number) {
    const outcome = type === 'mutation' ? ' It may still be carried out: look before you send it again.' : '';
    super(`The ${type} was not done within ${timeoutMs / 1_000} s.${outcome}`);
  }
}

export interface ProviderFailure {
  /** Method and path, as `GET /v2/droplets`; never a query string, a host or a header. */
  readonly endpoint: string;
  /** HTTP status; null where no answer came (network failure, timeout). */
  readonly status: number | null;
  /** The provider's own error id, as `unprocessable_entity`. */
  readonly providerErrorId: string | null;
  readonly providerMessage: string | null;
  readonly requestId: string | null;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly retryAfterSeconds?: number | null;
}

/** The provider refused, failed, or answered something that we cannot read. */
export class ProviderError extends DomainError {
  override readonly name = 'ProviderError';
  readonly code = 'PROVIDER_ERROR';
  constructor(
    message: string,
    readonly failure: ProviderFailure,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
  override get details() {
    const { endpoint, status, providerErrorId, requestId } = this.failure;
    return { endpoint, status, id: providerErrorId, providerRequestId: requestId };
  }
}

/** The database that this process reads cannot serve live streams. */
export class StreamUnavailableError extends DomainError {
  override readonly name = 'StreamUnavailableError';
  readonly code = 'STREAM_UNAVAILABLE';
}

/** The cursor is of a history that the database lost, as by a failover to a standby that lagged. */
export class CursorLostError extends DomainError {
  override readonly name = 'CursorLostError';
  readonly code = 'CURSOR_LOST';
  constructor(readonly resumeAfter: string) {
    super(
      'The database was restored or failed over to an earlier state: events that this cursor follows may no longer exist. ' +
        'Read the present state again, then subscribe after `extensions.resumeAfter`; events from there on may repeat.',
    );
  }
  override get details() {
    return { resumeAfter: this.resumeAfter };
  }
}

export class QueryTooComplexError extends DomainError {
  override readonly name = 'QueryTooComplexError';
  readonly code = 'QUERY_TOO_COMPLEX';
}

/** A variable of the environment that does not parse: one line, then the program ends. Not for callers of the API. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const OUTAGE_CODES: ReadonlySet<unknown> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  // Postgres: connection trouble, ended by an operator or a crash, not started yet, no connection left.
  ...['08000', '08001', '08003', '08004', '08006', '57P01', '57P02', '57P03', '53300'],
]);
const OUTAGE_MESSAGE =
  /^(\w*Error: )?(Connection (terminated|is closed)|timeout expired|Socket (timeout|closed)|Command timed out|Client (was closed|has encountered)|Stream isn't writeable|Reached the max retries|LOADING )/;

/** Whether the database or Redis cannot be reached now: the same may succeed later, without a change of ours. */
export function isOutage(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return OUTAGE_CODES.has(code) || (typeof message === 'string' && OUTAGE_MESSAGE.test(message));
}
