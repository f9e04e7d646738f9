import { MissingFxRateError } from '../../core/money/fx.js';
import { DomainError } from '../../errors.js';

/**
 * Whether an error of pricing is the tenant's own, as an amount beyond exact integers or two plan versions on one day: it is
 * left out and named, and the others' reports stand. A missing rate is the operator's to set: it fails the report.
 */
export function isTenantProblem(error: unknown): error is DomainError {
  return error instanceof DomainError && !(error instanceof MissingFxRateError);
}
