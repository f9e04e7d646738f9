import { DomainError } from '../../errors.js';
import { MissingFxRateError } from '../money/fx.js';

/**
 * Whether an error of pricing is the tenant's own, as an amount beyond exact integers or two plan versions on one day: it is
 * left out by name, and the other tenants' figures stand. A missing rate fails the report: the operator has to set it.
 */
export function isTenantProblem(error: unknown): error is DomainError {
  return error instanceof DomainError && !(error instanceof MissingFxRateError);
}
