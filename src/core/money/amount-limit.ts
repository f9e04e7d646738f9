import { DomainError } from '../../errors.js';

/** An amount that integers of the API cannot hold: from 2^53 cents on. */
export class AmountTooLargeError extends DomainError {
  override readonly name = 'AmountTooLargeError';
  readonly code = 'CONFLICT';
  constructor(what: string) {
    super(`${what} is more than ${Number.MAX_SAFE_INTEGER} cents, the most that an amount can be.`);
  }
}

/** Why a tenant, or one deployment of it, is left out of a report; the rest of the report stands. */
export interface AmountProblem {
  readonly tenantId: string | null;
  readonly deploymentId: string | null;
  readonly message: string;
}

/** Throws AmountTooLargeError unless the cents are an exact integer. */
export function requireExactCents(cents: number, what: string): number {
  if (!Number.isSafeInteger(cents)) throw new AmountTooLargeError(what);
  return cents;
}
